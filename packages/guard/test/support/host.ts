/**
 * `host.ts ADDRESS FOLDER`: starts every subject on the address, in a process whose packages are resolved as any program's are, and tells its parent of
 * ports and refusals. The security log of the subject with number N is FOLDER/N.log.
 */
import { join } from 'node:path'
import { guard, type Refused } from '../../src/index.ts'
import { WebSocketServer } from 'ws'
import { SUBJECTS } from './subjects.ts'

/** What is told, in this order: a `started` for each subject, then `ready`; refusals at any time. */
export type Told =
  | { readonly kind: 'started'; readonly subject: number; readonly port: number }
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly subject: number; readonly event: Refused }

const [address = '', folder = ''] = process.argv.slice(2)
const tell = (told: Told) => void process.send?.(told)

for (const [index, subject] of SUBJECTS.entries()) {
  const log = { file: join(folder, `${index}.log`), perSecond: 1e6 }
  const gate = guard({ log, onRefuse: (event) => tell({ kind: 'refused', subject: index, event }) })
  const { server, port } = await subject.start(gate, address)
  // On a server without sockets of its own every WebSocket is taken.
  if (subject.sockets === undefined && subject.protocols.includes('HTTP/1.1'))
    new WebSocketServer({ server: server as never, path: '/socket' })
  tell({ kind: 'started', subject: index, port })
}
tell({ kind: 'ready' })
process.on('disconnect', () => process.exit())
