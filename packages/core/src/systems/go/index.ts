import type { System } from '../system.ts'

/** Go source: where a server binds, what it loads at start. */
export const go: System = {
  name: 'go',
  title: 'Go source',
  reads: [
    // Every file, not only those that listen: who imports whom decides which start command leads to a line. Copies of dependencies
    // are of no interest, as in any language.
    { path: /^(?!(?:.*\/)?vendor\/).*\.go$/ },
  ],
  load: async () => import('./read.ts'),
  edits: { changes: ['bind'], load: async () => (await import('./edit/index.ts')).goEditor },
}
