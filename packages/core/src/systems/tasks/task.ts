import { ABSENT, type FileOrigin, type Setting, type Text, type Value } from '../../evidence/index.ts'
import { type Passage, PassageBuilder } from '../passage.ts'
import { setting } from '../secret.ts'
import { entriesOf, originOf, type Tree } from '../yaml.ts'

/** One task: scripts for a shell each, and what they start in. */
export interface Task {
  readonly name: string
  readonly scripts: readonly Passage[]
  readonly environment: ReadonlyMap<string, Setting>
  /** Relative to the folder. */
  readonly environmentFiles: readonly string[]
  /** Relative to the folder; `undefined`: not known. */
  readonly directory: string | undefined
  /** The machine that it runs on is there for it alone: only what it has others run is of the deployment. */
  readonly isRemoteOnly?: boolean
}

export interface TaskReading {
  readonly tasks: readonly Task[]
  readonly problems: readonly { readonly reason: string; readonly origin: FileOrigin }[]
}

export type TaskFormat = (text: Text) => TaskReading

/** What a shell does not know beforehand. */
export const UNKNOWN = '$(:)'

/** A text in which what the task runner puts in stands in its place; what is not known of it is not known to the shell either. */
export function filled(passage: Passage, pattern: RegExp, meaning: (inside: string) => string | undefined): Passage {
  const builder = new PassageBuilder(passage)
  let at = 0
  for (const match of passage.content.matchAll(pattern)) {
    builder.copy(at, match.index)
    at = match.index + match[0].length
    builder.replace(meaning((match[1] ?? '').trim()) ?? UNKNOWN, match.index, at)
  }
  builder.copy(at, passage.content.length)
  return builder.build()
}

/** `NAME: text` of YAML or TOML, each filled in as the scripts are. */
export function variablesOf(
  node: Tree | undefined,
  pattern: RegExp,
  meaning: (inside: string) => string | undefined,
): ReadonlyMap<string, Setting> {
  const found = new Map<string, Setting>()
  for (const [name, { value: given }] of entriesOf(node)) {
    if (name === '_' || !/^[A-Za-z_]\w*$/.test(name)) continue
    const origin = originOf(given)
    const text =
      given.kind === 'scalar' && given.type !== 'null'
        ? given.value.replaceAll(pattern, (_, inside: string) => meaning(inside.trim()) ?? UNKNOWN)
        : UNKNOWN
    const isKnown = !text.includes(UNKNOWN)
    const value: Value = isKnown
      ? { kind: 'known', value: text, origin }
      : { kind: 'unknown', reason: `${name} is put together when the task is run`, origin }
    found.set(name, setting(name, given.kind === 'scalar' && given.type === 'null' ? ABSENT : value, origin))
  }
  return found
}
