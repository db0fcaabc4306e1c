import type { System } from '../system.ts'

const COMPOSE = /(?:^|\/)(?:[\w.-]+[._-])?compose(?:[._-][\w.-]+)?\.(?:ya?ml|json)$/
/** As files for `docker stack deploy` are named by custom. */
const STACK = /(?:^|\/)(?:[\w.-]+[._-])?stack(?:[._-][\w.-]+)?\.ya?ml$/

/** Whether a file is read as one of compose wherever it is. */
export function isComposeFile(path: string): boolean {
  return COMPOSE.test(path) || STACK.test(path)
}

/** Compose files: services, what they publish, what they run. */
export const compose: System = {
  name: 'compose',
  title: 'compose file',
  reads: [
    { path: COMPOSE, contains: /^["']?(?:services|include)["']?\s*:|"services"\s*:/m },
    { path: STACK, contains: /^["']?services["']?\s*:/m },
    // It may name files of any other name.
    { path: /(?:^|\/)\.env$/, contains: /^[ \t]{0,20}(?:export[ \t]{1,20})?COMPOSE_FILE[ \t]{0,20}=/m, ifReadable: true },
  ],
  writtenByScripts: true,
  load: async () => (await import('./read.ts')).composeReader,
  edits: { changes: ['publish', 'argument'], load: async () => (await import('./edit.ts')).composeEditor },
}
