import type { Agent, ListenRequest, Receipt } from './agent.ts'
import { familyOf } from './drawing.ts'

export interface ListenSpec {
  readonly protocol: 'tcp' | 'udp'
  /** `::` takes IPv4 too, unless v6only. */
  readonly address: string
  readonly port: number
  readonly v6only?: boolean
  /** SO_BINDTODEVICE. */
  readonly device?: string
}

/** A bound socket that answers whatever reaches it and remembers it. */
export interface Listener extends ListenSpec {
  /** Names it in receipts and answers. */
  readonly key: string
  /** What lab probes have delivered here, oldest first; of all listeners of a host together the last 50,000 are kept. */
  received(): Promise<readonly Receipt[]>
  close(): Promise<void>
}

let counter = 0

/** Opens listeners in one agent, all or none. `namespace`: the path of another network namespace than the agent's. Rejects naming those that could not be bound. */
export async function listen(agent: Agent, owner: string, specs: readonly ListenSpec[], namespace?: string): Promise<readonly Listener[]> {
  const requests = specs.map((spec): ListenRequest => {
    const family = familyOf(spec.address)
    if (family === undefined) throw new TypeError(`'${spec.address}' is not an address to listen on`)
    const key = `${owner}/${++counter}`
    return { ...spec, key, family, ...(namespace === undefined ? {} : { namespace }) }
  })
  const { errors } = await agent.ask('listen', { listeners: requests })
  const failed = requests.flatMap((each, index) =>
    errors[index] ? `${each.protocol} ${each.address} port ${each.port}: ${errors[index]}` : [],
  )
  if (failed.length > 0) {
    await agent.ask('close', { keys: requests.map((each) => each.key) })
    throw new Error(`${owner} cannot listen on ${failed.join('; ')}`)
  }
  return specs.map((spec, index) => {
    const key = requests[index]?.key ?? ''
    return {
      ...spec,
      key,
      received: async () => (await agent.ask('received', { key })).receipts,
      close: async () => void (await agent.ask('close', { keys: [key] })),
    }
  })
}
