import type { Setting, Text } from '../../evidence/index.ts'
import { setting } from '../secret.ts'
import { entriesOf, originOf, type Tree } from '../yaml.ts'
import type { PackageScripts } from './scripts.ts'

/** Settings beyond these have nothing to do with where a program listens, and may be secret. */
const TELLING = /host|port|addr|bind|listen|interface|(?:^|[_-])ip(?:$|[_-])/i

/** Whether a setting of npm may say where a program listens. */
export function isTelling(name: string): boolean {
  return TELLING.test(name)
}

/** The variable by which npm hands a setting to scripts. */
export function npmVariable(name: string): string {
  return `npm_config_${name.toLowerCase().replaceAll('-', '_')}`
}

/** The setting that npm hands to Node itself (npm-config(7)). */
const NODE_OPTIONS = 'node-options'

/** `key=value` in an .npmrc (npmrc(5)). */
const LINE = /^[ \t]*([A-Za-z][\w.-]{0,80})[ \t]*=[ \t]*([^\r\n]{0,300}?)[ \t]*$/gm

/**
 * What npm puts into the environment of the scripts of a package: `config` of its package.json as `npm_package_config_NAME`, and what
 * the .npmrc beside it says as `npm_config_NAME` (npm-run-script(1), "Environment").
 */
export function npmSettings({ config }: PackageScripts, npmrc: Text | undefined): ReadonlyMap<string, Setting> {
  const found = new Map<string, Setting>()
  addConfig(config, 'npm_package_config', found, 0)
  for (const match of npmrc?.content.matchAll(LINE) ?? []) {
    const [all, key = '', text = ''] = match
    if (npmrc === undefined || !(isTelling(key) || key === NODE_OPTIONS)) continue
    const name = key === NODE_OPTIONS ? 'NODE_OPTIONS' : npmVariable(key)
    const origin = npmrc.origin(match.index, match.index + all.length)
    found.set(name, setting(name, { kind: 'known', value: text.replace(/^(["'])(.*)\1$/, '$2'), origin }, origin))
  }
  return found
}

function addConfig(node: Tree | undefined, prefix: string, found: Map<string, Setting>, depth: number): void {
  for (const [key, { value }] of entriesOf(node)) {
    const name = `${prefix}_${key}`
    if (value.kind === 'mapping' && depth < 4) addConfig(value, name, found, depth + 1)
    if (value.kind !== 'scalar') continue
    const origin = originOf(value)
    found.set(name, setting(name, { kind: 'known', value: value.value, origin }, origin))
  }
}
