import type { FilePattern, System } from '../system.ts'
import { MAIN_FILES } from './paths.ts'

/** Any of these makes a `.conf` file one of nginx; the opening brace keeps prose and other formats out. */
const TYPICAL =
  /^[ \t]*(?:(?:server|http|stream|events)\s*\{|upstream[ \t]+[^\s{]+\s*\{|location[ \t]+[^\s{][^\n{]*\{|(?:proxy|fastcgi|uwsgi|grpc)_pass[ \t]+\S)/m

/** Where nginx files are by convention. The endings of a template: the image of nginx fills in `templates/*.template` with envsubst. */
const READS: readonly FilePattern[] = [
  { path: /(?:^|\/)nginx[^/]*\.conf(?:\.template)?$/i },
  { path: /\.nginx$/i, contains: TYPICAL },
  { path: /(?:^|\/)(?:sites-available|sites-enabled)\/[^/]+$/, contains: TYPICAL },
  { path: /(?:^|\/)nginx[^/]*\/(?:.*\/)?[^/.]+$/i, contains: TYPICAL },
  { path: /\.conf(?:\.template)?$/i, contains: TYPICAL },
]

export const nginx: System = {
  name: 'nginx',
  title: 'nginx',
  reads: READS,
  writtenByScripts: true,
  machine: { paths: MAIN_FILES, program: { name: 'nginx', options: ['-c'] } },
  load: async () => (await import('./read.ts')).reader,
  edits: { changes: ['value'], load: async () => (await import('./edit.ts')).nginxEditor },
}
