import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Allowed } from './allowed.ts'

const PACKAGE = '@sallyport/guard/preload'
/** Ports that are named one by one; a service with more is left to the watcher. */
const MOST_PORTS = 200

/** The file of the guard that Node loads before a program: of the folder's own installation first, then of ours. `undefined`: there is none. */
export function findPreload(folder: string): string | undefined {
  for (const from of [join(folder, 'package.json'), import.meta.url]) {
    try {
      const path = createRequire(from).resolve(PACKAGE)
      // Source needs more than Node itself to run.
      if (existsSync(path) && !path.endsWith('.ts')) return path
    } catch {
      // Not installed there.
    }
  }
  return undefined
}

/** The variables by which every Node of the tree loads the guard and is told what it may bind; none where the policy cannot be told so. */
export function preloadVariables(
  path: string,
  allowed: Allowed,
  onExposed: 'loopback' | 'throw',
  options: string | undefined,
): Readonly<Record<string, string>> {
  const list = allowList(allowed)
  if (list === undefined) return {}
  // A file: address has no blanks, so it needs no quotes, which NODE_OPTIONS has rules of its own for.
  const load = `--import=${pathToFileURL(path).href}`
  return {
    NODE_OPTIONS: options === undefined || options === '' ? load : `${load} ${options}`,
    SALLYPORT_ALLOW: JSON.stringify(list),
    SALLYPORT_ON_EXPOSED: onExposed,
  }
}

function allowList({ beyond }: Allowed): readonly { readonly address: string; readonly port?: number }[] | undefined {
  const loopback = [{ address: '127.0.0.1' }, { address: '::1' }]
  if (beyond === undefined || !beyond.protocols.includes('tcp')) return loopback
  const ports = beyond.ports.reduce((sum, { first, last }) => sum + last - first + 1, 0)
  if (beyond.addresses !== 'any' || ports > MOST_PORTS) return undefined
  const each = beyond.ports.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, index) => first + index))
  return [
    ...loopback,
    ...each.flatMap((port) => [
      { address: '0.0.0.0', port },
      { address: '::', port },
    ]),
  ]
}
