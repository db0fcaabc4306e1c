import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

export interface Port {
  readonly protocol: 'tcp' | 'udp'
  readonly port: number
}

const PATIENCE_MS = 10_000
const STATE = { tcp: '0A', udp: '07' } as const

/** Waits until something listens on every one of the ports, by either family. `proc` is /proc/PID of a process in the namespace. Rejects after `timeoutMs`. */
export async function untilListening(proc: string, ports: readonly Port[], timeoutMs = PATIENCE_MS): Promise<void> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const open = await listening(proc)
    const missing = ports.filter(({ protocol, port }) => !open.has(`${protocol}/${port}`))
    if (missing.length === 0) return
    if (Date.now() > deadline) throw new Error(`nothing listens on ${missing.map((each) => `${each.protocol}/${each.port}`).join(', ')}`)
    await delay(10)
  }
}

async function listening(proc: string): Promise<ReadonlySet<string>> {
  const open = new Set<string>()
  for (const protocol of ['tcp', 'udp'] as const) {
    for (const table of [protocol, `${protocol}6`]) {
      // proc_net_tcp.txt: `sl local_address rem_address st …`, the address as HEX:HEXPORT.
      for (const row of (await readFile(`${proc}/net/${table}`, 'utf8').catch(() => '')).split('\n').slice(1)) {
        const [, local, , state] = row.trim().split(/\s+/)
        if (local && state === STATE[protocol]) open.add(`${protocol}/${parseInt(local.split(':')[1] ?? '', 16)}`)
      }
    }
  }
  return open
}
