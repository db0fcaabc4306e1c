import type { System } from '../system.ts'

/** Compose files: services, what they publish, what they run. */
export const compose: System = {
  name: 'compose',
  title: 'compose file',
  reads: [
    {
      path: /(?:^|\/)(?:[\w.-]+[._-])?compose(?:[._-][\w.-]+)?\.(?:ya?ml|json)$/,
      contains: /^["']?(?:services|include)["']?\s*:|"services"\s*:/m,
    },
  ],
  writtenByScripts: true,
  load: async () => (await import('./read.ts')).composeReader,
  edits: { changes: ['publish', 'argument'], load: async () => (await import('./edit.ts')).composeEditor },
}
