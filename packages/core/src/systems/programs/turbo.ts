import { ABSENT, type Setting, type Text, type Value } from '../../evidence/index.ts'
import { readData } from '../data/index.ts'
import { readEnvironmentFile } from '../dotenv/values.ts'
import { packageScripts } from '../package-json/scripts.ts'
import { directoryOf } from '../paths.ts'
import { setting } from '../secret.ts'
import { entriesOf, entry, itemsOf, textOf, type Tree } from '../yaml.ts'
import { parseOptions } from './options.ts'
import { wordsOf } from './packages.ts'
import { inFolder } from './place.ts'
import type { CommandReading } from './reading.ts'
import { done, type State, variables, withDirectory, withoutVariables } from './state.ts'
import { isLiteral, type Template } from './template.ts'

/** Packages that are looked at for a script. */
const PACKAGES = 200

const OPTIONS = {
  ...Object.fromEntries(
    ['--concurrency', '--log-order', '--output-logs', '--log-prefix', '--ui', '--cache-dir', '--cache', '--token', '--team'].map((name) => [
      name,
      'value' as const,
    ]),
  ),
  '--filter': 'workspace',
  '-F': 'workspace',
  '--env-mode': 'value',
  '--cwd': 'directory',
} as const

/** `turbo run start`: the scripts of that name in the packages, with the variables that Turborepo lets through. */
export function turbo(name: string, rest: readonly Template[], before: State): CommandReading | undefined {
  if (name !== 'turbo') return undefined
  const parsed = parseOptions(rest, { options: OPTIONS, unlisted: 'switch' })
  const directory = parsed.given.findLast(({ role }) => role === 'directory')?.value?.text
  const state = directory === undefined ? before : withDirectory(before, directory)
  const words = parsed.positionals.filter((word) => isLiteral(word.text)).map((word) => word.text)
  const tasks = ['run', 'watch'].includes(words[0] ?? '') ? words.slice(1) : words
  const filters = parsed.given.flatMap(({ role, value }) => (role === 'workspace' && value !== undefined ? [value.text] : []))
  const mode = parsed.given.findLast((option) => option.name === '--env-mode')?.value?.text
  const readings = tasks.flatMap((task) =>
    packagesWith(task, filters, state).map((at) =>
      done(handedOn(state, task, mode), name, {
        script: { name: task.split('#').at(-1) ?? task, directory: at, extra: wordsOf(parsed.rest) },
      }),
    ),
  )
  const [first, ...also] = readings
  return first === undefined ? undefined : { ...first, also }
}

function packagesWith(task: string, filters: readonly string[], { place }: State): readonly string[] {
  const root = inFolder(place, '.')
  if (root === undefined) return []
  const [script = '', owner] = task.split('#').toReversed()
  const manifests = [...(place.paths ?? [])].filter(
    (path) => path.endsWith('/package.json') && (root === '' || path.startsWith(`${root}/`)) && directoryOf(path) !== root,
  )
  const found = manifests.slice(0, PACKAGES).flatMap((path) => {
    const text = place.text?.(path)
    if (text === undefined) return []
    const { name, scripts } = packageScripts(text)
    return scripts.has(script) ? [{ name, directory: directoryOf(path) }] : []
  })
  const wanted = owner === undefined ? filters : [owner]
  const named = found.filter(({ name, directory }) => wanted.some((one) => one === name || one.replace(/^\.\//, '') === directory))
  return (named.length > 0 ? named : found).map(({ directory }) => directory)
}

/**
 * Turborepo hands a task only the variables that turbo.json names (turborepo.com/docs/crafting-your-repository/using-environment-variables,
 * Strict mode), before version 2 all of them (turborepo.com/docs/reference/run, --env-mode).
 */
function handedOn(state: State, task: string, given: string | undefined): State {
  const own = textAt('turbo.json', state) ?? textAt('turbo.jsonc', state)
  const configuration = own === undefined ? undefined : readData(own, 'json')
  const mode = given ?? modeOf(configuration, state)
  if (mode === 'loose') return state
  const isNamed = namedBy(configuration, task)
  const environment = new Map(
    [...settingsOf(state)].flatMap(([name, { value, origin }]): readonly [string, Setting][] => {
      if (isNamed(name)) return [[name, { value, origin }]]
      if (mode === 'strict') return []
      const reason = `whether Turborepo hands ${name} on depends on its version`
      return [[name, setting(name, { kind: 'choice', options: [value, { kind: 'unknown', reason, origin }], origin }, origin)]]
    }),
  )
  return { ...withoutVariables(state), environment, unseen: mode === 'strict' ? undefined : state.unseen }
}

/** `undefined`: it cannot be told. */
function modeOf(configuration: Tree | undefined, state: State): 'strict' | 'loose' | undefined {
  const said = textOf(entry(configuration, 'envMode'))
  if (said === 'loose' || said === 'strict') return said
  const manifest = textAt('package.json', state)
  const root = manifest === undefined ? undefined : readData(manifest, 'json')
  const version = ['devDependencies', 'dependencies'].flatMap((name) => textOf(entry(entry(root, name), 'turbo')) ?? [])[0]
  const major = /^[\^~>=v]*(\d+)/.exec(version ?? '')?.[1]
  if (major !== undefined) return Number(major) >= 2 ? 'strict' : 'loose'
  // `tasks` was `pipeline` before version 2.
  return entry(configuration, 'tasks') !== undefined ? 'strict' : entry(configuration, 'pipeline') !== undefined ? 'loose' : undefined
}

function namedBy(configuration: Tree | undefined, task: string): (name: string) => boolean {
  const tasks = [...entriesOf(entry(configuration, 'tasks') ?? entry(configuration, 'pipeline'))]
  const own = tasks.filter(([name]) => name === task || name.endsWith(`#${task}`)).map(([, { value }]) => value)
  const lists = [
    ...['globalEnv', 'globalPassThroughEnv'].map((key) => entry(configuration, key)),
    ...own.flatMap((one) => [entry(one, 'env'), entry(one, 'passThroughEnv')]),
  ]
  const patterns = lists.flatMap((list) => itemsOf(list)).flatMap((item) => textOf(item) ?? [])
  const matches = (pattern: string, name: string): boolean =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name
  return (name) =>
    patterns.some((pattern) => !pattern.startsWith('!') && matches(pattern, name)) &&
    !patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1), name))
}

/** What is set, by files too: of those the first counts, and what is set already before it. */
function settingsOf(state: State): ReadonlyMap<string, Setting> {
  const found = new Map(variables(state))
  for (const path of state.environmentFiles) {
    const text = state.place.text?.(path)
    if (text === undefined) continue
    for (const [name, { value, origin }] of readEnvironmentFile(text, 'node').variables) {
      const before: Value = found.get(name)?.value ?? ABSENT
      if (before.kind === 'absent') found.set(name, setting(name, value, origin))
    }
  }
  return found
}

function textAt(name: string, { place }: State): Text | undefined {
  const path = inFolder(place, name)
  return path === undefined ? undefined : place.text?.(path)
}
