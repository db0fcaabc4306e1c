import type { FilePattern, System } from '../system.ts'

/** Any of these makes a `.cfg` file one of HAProxy. */
const TYPICAL = /^[ \t]*(?:frontend|backend|listen|defaults|global)(?:[ \t]|\r?$)/m
const TYPICAL_PROXY = /^[ \t]*(?:frontend|backend|listen)[ \t]+[\w.:-]+/m

/** Where HAProxy's files are by convention. */
const READS: readonly FilePattern[] = [
  { path: /(?:^|\/)haproxy[^/]*\.cfg$/i },
  { path: /\.haproxy\.cfg$/i },
  { path: /(?:^|\/)haproxy[^/]*\/(?:[^/]+\/)*[^/]+\.cfg$/i, contains: TYPICAL },
  { path: /\.haproxy$/i, contains: TYPICAL_PROXY },
]

export const haproxy: System = {
  name: 'haproxy',
  title: 'HAProxy',
  reads: READS,
  writtenByScripts: true,
  machine: { paths: ['/etc/haproxy/haproxy.cfg'], program: { name: 'haproxy', options: ['-f'] } },
  load: async () => (await import('./read.ts')).reader,
}
