import type { HostName, Policy, Service } from '../../../policy/index.ts'
import { listenAddress } from '../../admitted.ts'
import { listenVariables } from '../../managed.ts'
import type { ManagedApp } from '../../write.ts'

/** What PM2 is told of a service, as an ecosystem file names it. */
export function managedApp(service: Service, policy: Policy, host: HostName): ManagedApp {
  const { run, ports, protocols } = service
  const [port] = ports
  const { start, assigned } = startOf(service)
  const address = listenAddress(service, host, policy)
  const told = listenVariables(service, address)
  return {
    name: run.by === 'command' ? service.name : run.name,
    isNamed: run.by === 'pm2',
    start,
    isGuessed: run.by !== 'command',
    // The policy has the last word of where it listens, also where the command says otherwise.
    environment: new Map([...told, ['NODE_ENV', nodeEnvironment(policy)], ...assigned.filter(([name]) => !told.has(name))]),
    listens: port === undefined ? [] : protocols.map((protocol) => ({ protocol, address, port: port.first })),
  }
}

/** Express and its like tell strangers more where it is not `production`. */
function nodeEnvironment({ environment }: Policy): string {
  return environment === 'development' || environment === 'test' ? environment : 'production'
}

interface Start {
  readonly start: ManagedApp['start']
  /** What a shell would set before the program: `NODE_OPTIONS=… node server.js`. */
  readonly assigned: readonly (readonly [name: string, value: string])[]
}

/** `NAME=value` before a command (POSIX XCU §2.9.1). */
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/

/** A plain command is started as it is, any other by the shell for which it was written. */
function startOf({ run }: Service): Start {
  if (run.by !== 'command') return { start: { cwd: `./${run.name}`, script: 'npm', args: ['start'] }, assigned: [] }
  const typed = /^[A-Za-z0-9_./:=@%+, -]+$/.test(run.name) ? run.name.trim().split(/ +/) : ['/bin/sh', '-c', run.name]
  const first = typed.findIndex((word) => !ASSIGNMENT.test(word))
  const assigned = typed.slice(0, Math.max(0, first)).flatMap((word) => {
    const [, name = '', value = ''] = ASSIGNMENT.exec(word) ?? []
    return name === '' ? [] : [[name, value] as const]
  })
  const words = typed.slice(Math.max(0, first))
  const [program = '', ...rest] = words
  const isNode = program === 'node' && rest[0] !== undefined && !rest[0].startsWith('-')
  const [script = '', ...args] = isNode ? rest : words
  return { start: { script, args, ...(isNode ? {} : { interpreter: 'none' }) }, assigned }
}
