import type { FileOrigin, Setting, Text, Value } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'
import { setting } from '../secret.ts'
import { expandedText, type MakeVariables, shellLines } from './expand.ts'
import type { MakeVariable, Rule } from './parse.ts'
import { isDefault, type MakeValue, VALUES, valuesOf } from './values.ts'
import type { WholeMakefile } from './whole.ts'

/** Rules that one target leads to. */
const MOST = 200

/** What `make TARGET` has a shell run, line by line: each is a shell of its own. */
export interface Recipe {
  readonly target: string
  readonly lines: readonly Passage[]
  /** Exported variables of the file. */
  readonly environment: ReadonlyMap<string, Setting>
  /** Files of variables that are included and exported: `include .env`, `export`. */
  readonly environmentFiles: readonly string[]
  /** What is included and exported, but is not in the folder. */
  readonly unseen: FileOrigin | undefined
}

/** The targets that people call: neither patterns, nor files of a suffix rule, nor make's own. */
export function namedTargets(file: WholeMakefile): readonly string[] {
  const names = [
    ...file.rules.flatMap(({ targets, lines }) => (lines.length === 0 ? [] : targets)),
    // One that only sets variables for those that it needs.
    ...file.own.map(({ target }) => target),
  ]
  return [...new Set(names)].filter((name) => /^[A-Za-z0-9][\w./-]*$/.test(name))
}

/** Whether a target sets variables of its own, which those that it needs are made with too (6.11). */
export function setsVariables(file: WholeMakefile, target: string): boolean {
  return file.own.some((own) => own.target === target)
}

/** The recipe of one target; `deep`: after those of the targets that it needs. `given`: `NAME=value` words of the command line. */
export function recipesOf(
  text: Text,
  file: WholeMakefile,
  target: string | undefined,
  given: ReadonlyMap<string, string>,
  deep: boolean,
): readonly Recipe[] {
  const first = target ?? file.rules.flatMap(({ targets }) => targets).find((name) => /^[A-Za-z0-9][\w./-]*$/.test(name))
  if (first === undefined) return []
  const byName = new Map<string, Rule[]>()
  for (const rule of file.rules)
    for (const name of rule.targets) {
      const same = byName.get(name)
      if (same === undefined) byName.set(name, [rule])
      else same.push(rule)
    }
  const ordered: { readonly name: string; readonly chain: readonly string[] }[] = []
  const seen = new Set<string>()
  const visit = (name: string, chain: readonly string[]): void => {
    if (seen.has(name) || seen.size >= MOST || chain.length > MOST) return
    seen.add(name)
    const inside = [...chain, name]
    if (deep) for (const rule of byName.get(name) ?? []) for (const need of rule.needs) visit(need, inside)
    ordered.push({ name, chain: inside })
  }
  visit(first, [])
  return ordered.flatMap(({ name, chain }): readonly Recipe[] => {
    const rules = (byName.get(name) ?? []).filter(({ lines }) => lines.length > 0)
    if (rules.length === 0) return []
    const variables = variablesFor(text, file, chain, given)
    const isKnown = file.unseen === undefined
    return [
      {
        target: name,
        lines: rules.flatMap(({ source, lines }) =>
          (file.oneShell ? [lines] : lines.map((line) => [line])).map((some) => shellLines(source, some, variables, name, isKnown)),
        ),
        environment: exportedBy(variables, file, name),
        environmentFiles: file.exportsAll ? file.includes.filter((path) => /(?:^|\/)\.env[\w.-]*$/.test(path)) : [],
        unseen: file.exportsAll ? file.unseen : undefined,
      },
    ]
  })
}

/** Those of the command line go before those of the target and of the targets that need it, and these before the file's (9.5, 6.11). */
function variablesFor(text: Text, file: WholeMakefile, chain: readonly string[], given: ReadonlyMap<string, string>): MakeVariables {
  const found = new Map<string, MakeVariable[]>()
  const add = (variable: MakeVariable): void => {
    const same = found.get(variable.name)
    if (same === undefined) found.set(variable.name, [variable])
    else same.push(variable)
  }
  for (const variable of file.variables) add(variable)
  for (const name of chain) for (const { target, variable } of file.own) if (target === name) add(variable)
  for (const [name, value] of given)
    found.set(name, [
      { name, text: value.replaceAll('$', '$$$$'), kind: 'set', exported: true, isConditional: false, source: text, start: 0, end: 0 },
    ])
  return found
}

function exportedBy(variables: MakeVariables, { exportsAll: all, unseen }: WholeMakefile, target: string): ReadonlyMap<string, Setting> {
  const environment = new Map<string, Setting>()
  for (const [name, given] of variables) {
    if (!/^\w+$/.test(name) || !(all || given.some(({ exported }) => exported))) continue
    const known = valuesOf(given).map((one) => valueOf(one, variables, target))
    // A file that was not seen may set it again. A number stays: another port opens nothing wider.
    const isOpen = all && unseen !== undefined && known.some((value) => value.kind !== 'known' || !/^\d+$/.test(String(value.value)))
    const again: Value[] = isOpen
      ? [{ kind: 'unknown', reason: `${name} may be set in a file that is not in the folder`, origin: unseen }]
      : []
    const values = known.length === 0 ? [] : [...known, ...again]
    const [first] = values
    if (first === undefined || first.kind === 'absent') continue
    const { origin } = first
    const many: Value = { kind: 'unknown', reason: 'too many possible values', origin }
    const value: Value = values.length === 1 ? first : values.length > VALUES ? many : { kind: 'choice', options: values, origin }
    environment.set(
      name,
      setting(name, isDefault(given) ? { kind: 'environment', name, fallback: value, emptyIsUnset: false, origin } : value, origin),
    )
  }
  return environment
}

function valueOf({ text, from }: MakeValue, variables: MakeVariables, target: string): Value {
  const origin = from.source.origin(from.start, from.end)
  const value = text.includes('$') ? expandedText(text, variables, target) : text
  return value.includes('$')
    ? { kind: 'unknown', reason: `${from.name} is put together by make`, origin }
    : { kind: 'known', value, origin }
}
