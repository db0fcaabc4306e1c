import type { System } from '../system.ts'

/** Makefiles: what `make TARGET` starts. */
export const makefile: System = {
  name: 'makefile',
  title: 'Makefile',
  reads: [{ path: /(?:^|\/)(?:GNUmakefile|[Mm]akefile)$/ }, { path: /\.mk$/, contains: /^\t/m }],
  load: async () => (await import('./read.ts')).makefileReader,
}
