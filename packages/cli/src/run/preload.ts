import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { formatAddress } from '@sallyport/core/network'
import type { Allowed } from './allowed.ts'

const PACKAGE = '@sallyport/guard/preload'
/** Places that are named one by one; a service with more is left to the watcher. */
const MOST = 500

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
  // A file: address has no blanks, so it needs no quotes.
  const load = path.endsWith('.cjs') ? `--require="${path.replace(/["\\]/g, '\\$&')}"` : `--import=${pathToFileURL(path).href}`
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
  const addresses = beyond.addresses === 'any' ? ['0.0.0.0', '::', ...ownAddresses()] : beyond.addresses.map(formatAddress)
  if (ports * addresses.length > MOST) return undefined
  const each = beyond.ports.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, index) => first + index))
  return [...loopback, ...each.flatMap((port) => addresses.map((address) => ({ address, port })))]
}

function ownAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return all.flatMap(({ address, internal }) => (internal || address.includes('%') ? [] : [address]))
}
