import type { System } from '../system.ts'

/** systemd units: services, their drop-ins, sockets. */
export const systemd: System = {
  name: 'systemd',
  title: 'systemd unit',
  reads: [
    { path: /\.service$/, contains: /^\[Service\]/m },
    { path: /\.socket$/, contains: /^\[Socket\]/m },
    { path: /\.(?:service|socket)\.d\/[^/]+\.conf$/, contains: /^\[(?:Service|Socket)\]/m },
  ],
  writtenByScripts: true,
  load: async () => (await import('./read.ts')).systemdReader,
}
