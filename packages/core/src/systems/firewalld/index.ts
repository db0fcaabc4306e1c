import type { System } from '../system.ts'
import { CONF } from './places.ts'

export const firewalld: System = {
  name: 'firewalld',
  title: 'firewalld',
  reads: [{ path: /(?:^|\/)zones\/[^/]+\.xml$/, contains: /<zone[\s>]/ }],
  writtenByScripts: true,
  machine: { paths: [CONF], affects: { kind: 'nothing' } },
  load: async () => (await import('./read.ts')).reader,
}
