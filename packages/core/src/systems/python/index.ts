import type { System } from '../system.ts'

/** Python source: where a server binds, who may call it from a page, what it loads at start. */
export const python: System = {
  name: 'python',
  title: 'Python source',
  reads: [
    // Every file, not only those that listen: who imports whom decides which start command leads to a line.
    { path: /\.pyw?$/ },
    { path: /(?:^|\/)[\w-]+$/, contains: /^#!.{0,64}\bpython/, script: true },
  ],
  load: async () => import('./read.ts'),
  edits: { changes: ['bind'], load: async () => (await import('./edit/index.ts')).pythonEditor },
}
