import type { Setting, Text, Value } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'
import { setting } from '../secret.ts'
import { type MakeVariables, shellLine } from './expand.ts'
import { type MakeVariable, parseMakefile, type Rule } from './parse.ts'

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
}

/** The targets that people call: neither patterns, nor files of a suffix rule, nor make's own. */
export function namedTargets(text: Text): readonly string[] {
  const names = parseMakefile(text).rules.flatMap(({ targets, lines }) => (lines.length === 0 ? [] : targets))
  return [...new Set(names)].filter((name) => /^[A-Za-z0-9][\w./-]*$/.test(name))
}

/** The recipe of one target; `deep`: after those of the targets that it needs. `given`: `NAME=value` words of the command line. */
export function recipesOf(text: Text, target: string | undefined, given: ReadonlyMap<string, string>, deep: boolean): readonly Recipe[] {
  const file = parseMakefile(text)
  const first = target ?? namedTargets(text)[0]
  if (first === undefined) return []
  const byName = new Map<string, Rule[]>()
  for (const rule of file.rules) for (const name of rule.targets) byName.set(name, [...(byName.get(name) ?? []), rule])
  const ordered: string[] = []
  const seen = new Set<string>()
  const visit = (name: string, depth: number): void => {
    if (seen.has(name) || seen.size >= MOST || depth > MOST) return
    seen.add(name)
    if (deep) for (const rule of byName.get(name) ?? []) for (const need of rule.needs) visit(need, depth + 1)
    ordered.push(name)
  }
  visit(first, 0)
  return ordered.flatMap((name): readonly Recipe[] => {
    const lines = (byName.get(name) ?? []).flatMap((rule) => rule.lines)
    if (lines.length === 0) return []
    const variables = variablesFor(text, name, given)
    const environmentFiles = file.exportsAll ? file.includes.filter((path) => /(?:^|\/)\.env[\w.-]*$/.test(path)) : []
    return [
      {
        target: name,
        lines: lines.map((line) => shellLine(text, line, variables, name)),
        environment: exportedBy(text, variables, file.exportsAll),
        environmentFiles,
      },
    ]
  })
}

/** Those of the command line go before those of the target, and these before the file's (9.5, 6.11). */
function variablesFor(text: Text, target: string, given: ReadonlyMap<string, string>): MakeVariables {
  const { variables, own } = parseMakefile(text)
  const found = new Map<string, MakeVariable[]>()
  for (const variable of variables) found.set(variable.name, [...(found.get(variable.name) ?? []), variable])
  for (const { target: name, variable } of own) if (name === target) found.set(variable.name, [variable])
  for (const [name, value] of given)
    found.set(name, [{ name, text: value.replaceAll('$', '$$$$'), kind: 'set', exported: true, start: 0, end: 0 }])
  return found
}

function exportedBy(text: Text, variables: MakeVariables, all: boolean): ReadonlyMap<string, Setting> {
  const environment = new Map<string, Setting>()
  for (const [name, given] of variables) {
    if (!/^\w+$/.test(name) || !(all || given.some(({ exported }) => exported))) continue
    const values = given.filter((one) => one.kind !== 'more' || one.text !== '').map((one) => valueOf(text, one))
    const [first] = values
    if (first === undefined || first.kind === 'absent') continue
    const { origin } = first
    const value: Value = values.length === 1 ? first : { kind: 'choice', options: values.slice(0, CHOICES), origin }
    const isDefault = given.every(({ kind }) => kind !== 'set')
    environment.set(
      name,
      setting(name, isDefault ? { kind: 'environment', name, fallback: value, emptyIsUnset: false, origin } : value, origin),
    )
  }
  return environment
}

/** Values of one variable, of the branches of a condition, that are kept. */
const CHOICES = 8

function valueOf(text: Text, { name, text: given, start, end }: MakeVariable): Value {
  const origin = text.origin(start, end)
  return given.includes('$')
    ? { kind: 'unknown', reason: `${name} is put together by make`, origin }
    : { kind: 'known', value: given, origin }
}
