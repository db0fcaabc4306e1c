import type { System } from '../system.ts'

/** supervisord's programs: `[program:NAME]` in supervisord.conf and what it includes. */
export const supervisor: System = {
  name: 'supervisor',
  title: 'supervisord.conf',
  reads: [{ path: /\.(?:conf|ini)$/, contains: /^\[(?:(?:program|fcgi-program):|inet_http_server\])/m }],
  writtenByScripts: true,
  load: async () => (await import('./read.ts')).supervisorReader,
}
