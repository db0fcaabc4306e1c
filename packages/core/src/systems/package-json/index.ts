import type { System } from '../system.ts'

/** The scripts of package.json files: what `npm run NAME` starts. */
export const packageJson: System = {
  name: 'package-json',
  title: 'package.json',
  reads: [{ path: /(?:^|\/)package\.json$/, contains: /"scripts"/ }],
  load: async () => (await import('./read.ts')).packageJsonReader,
}
