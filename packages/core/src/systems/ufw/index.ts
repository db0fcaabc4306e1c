import type { System } from '../system.ts'
import { CONF, DEFAULTS } from './places.ts'

export const ufw: System = {
  name: 'ufw',
  title: 'ufw',
  // In a folder only what the user asked for counts: on which host, and with which other files, is not known there.
  reads: [{ path: /(?:^|\/)ufw[^/]*\/user6?\.rules$/, contains: /^### tuple ###/m }],
  writtenByScripts: true,
  machine: { paths: [CONF, DEFAULTS] },
  load: async () => (await import('./read.ts')).reader,
}
