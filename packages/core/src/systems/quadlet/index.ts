import type { System } from '../system.ts'

/** Quadlets: containers that Podman makes units of systemd from. */
export const quadlet: System = {
  name: 'quadlet',
  title: 'Podman quadlet',
  reads: [{ path: /\.container$/, contains: /^\[Container\]/m }],
  writtenByScripts: true,
  load: async () => (await import('./read.ts')).quadletReader,
}
