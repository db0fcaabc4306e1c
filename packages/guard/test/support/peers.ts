/**
 * `peers.ts ADDRESS`: in a network namespace of its own, starts every subject on all interfaces, asks each from the address, which is not loopback, by
 * each of its protocols and for a WebSocket, and writes what came as JSON.
 */
import { guard } from '../../src/index.ts'
import { ask, askUpgrade, type Reply } from './client.ts'
import { SUBJECTS } from './subjects.ts'

export interface Seen {
  readonly subject: string
  readonly what: string
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  readonly code: string
}

const [address = ''] = process.argv.slice(2)
const seen: Seen[] = []

for (const subject of SUBJECTS) {
  // Its compiler takes seconds, and its server is one of node:http.
  if (subject.name === 'Next') continue
  let code = ''
  const gate = guard({ log: false, onRefuse: (event) => void (code = `${event.code} ${event.address}`) })
  const { port } = await subject.start(gate, '0.0.0.0')
  const target = { port, encrypted: subject.encrypted, address }
  const note = (what: string, { status, body, headers }: Reply) => {
    seen.push({ subject: subject.name, what, status, body, headers: Object.fromEntries(headers), code })
    code = ''
  }
  if (subject.protocols.includes('HTTP/1.1')) note('WebSocket', await askUpgrade(target))
  for (const protocol of subject.protocols) note(protocol, await ask(protocol, target))
}
process.stdout.write(JSON.stringify(seen))
process.exit()
