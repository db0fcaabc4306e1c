import type { FilePattern, System } from '../system.ts'

const READS: readonly FilePattern[] = [
  { path: /(?:^|\/)(?:[^/]*[.-])?Caddyfile(?:[.-][^/]*)?$/i },
  { path: /(?:^|\/)(?:[^/]*[.-])?caddy(?:[.-][^/]*)?\.json$/i, contains: /"(?:apps|admin)"\s{0,20}:/ },
]

export const caddy: System = {
  name: 'caddy',
  title: 'Caddy',
  reads: READS,
  writtenByScripts: true,
  machine: { paths: ['/etc/caddy/Caddyfile'], program: { name: 'caddy', options: ['--config', '-c'], here: 'Caddyfile' } },
  load: async () => (await import('./read.ts')).reader,
}
