import type { System } from '../system.ts'

/** Procfiles of Heroku, foreman, honcho and their like. */
export const procfile: System = {
  name: 'procfile',
  title: 'Procfile',
  reads: [{ path: /(?:^|\/)Procfile(?:[._-][\w-]+)?$/ }],
  writtenByScripts: true,
  load: async () => (await import('./read.ts')).procfileReader,
}
