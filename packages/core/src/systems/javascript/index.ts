import type { System } from '../system.ts'

/** JavaScript and TypeScript source: where a server binds, who may call it from a page, what it loads at start. */
export const javascript: System = {
  name: 'javascript',
  title: 'JavaScript and TypeScript source',
  // Every file, not only those that listen: who imports whom decides which start command leads to a line.
  reads: [{ path: /\.[cm]?[jt]sx?$/ }, { path: /(?:^|\/)[\w-]+$/, contains: /^#!.{0,64}\b(?:node|bun|deno|tsx|ts-node)\b/, script: true }],
  load: async () => import('./read.ts'),
  edits: { changes: ['bind'], load: async () => (await import('./edit/index.ts')).javascriptEditor },
}
