import { ABSENT, type FileOrigin, type Setting, type Value } from '../../evidence/index.ts'
import { setting } from '../secret.ts'
import { settledOrigin } from '../tree.ts'
import type { ChildCall } from './children.ts'
import { variableAt } from './environment-writes.ts'
import type { Evaluator } from './evaluator.ts'
import { escaped } from './syntax.ts'
import { type Located, type Thing, valueOf } from './thing.ts'
import { afterWrites, ownWrites } from './writes.ts'

/** The variables that a program is started with. */
export interface ChildEnvironment {
  /** Those of the program that starts it are among them. */
  readonly inherits: boolean
  readonly set: ReadonlyMap<string, Setting>
  /** The place that may set any other. */
  readonly unseen: FileOrigin | undefined
}

/** Variables of one program that are followed. */
const MOST = 200
/** Functions that take the variables behind the words. */
const LAST = /^(?:exec(?:ve|vpe|le|lpe)|spawnv(?:e|pe)|posix_spawnp?)$/
const INHERITED = /\benviron\b/

/** What `env=` says, or what the program sets in its own environment before. */
export function childEnvironment(evaluator: Evaluator, child: ChildCall): ChildEnvironment {
  const { given, callee, call } = child
  const name = callee.field('attribute')?.content ?? callee.content
  const env = given.keywords.get('env') ?? (LAST.test(name) ? given.positional.at(-1) : undefined)
  if (env === undefined || env.node.kind === 'none') {
    // `subprocess.run(words, **options)`
    const [options] = given.mappings
    const unseen = env === undefined && options !== undefined ? settledOrigin(options.node.origin) : undefined
    return { inherits: true, set: ownVariables(evaluator, child), unseen }
  }
  const thing = evaluator.ask(env)
  const written = env.node.kind === 'identifier' ? writtenNames(env.node.content, call.file.content) : []
  const names = [...(thing.kind === 'mapping' ? thing.entries.keys() : []), ...written]
  const set = new Map<string, Setting>()
  for (const one of [...new Set(names)].slice(0, MOST)) {
    const value = entryAt(evaluator, env, thing, one, child)
    if (value.kind !== 'absent' && !isPassedOn(value, one)) set.set(one, setting(one, value, call.origin))
  }
  const isCopy = thing.kind === 'external' && /^os\.environ(?:\.copy\(\))?$|^(?:builtins\.dict|copy\.(?:deep)?copy)\(\)$/.test(thing.name)
  const followed = isCopy || thing.kind === 'mapping'
  const inherits = !(thing.kind === 'mapping' && thing.complete)
  // What is laid over the program's own variables is among the names; anything else may set more.
  const isOwn = INHERITED.test(env.node.content) || INHERITED.test(originText(evaluator, env))
  const all = inherits ? new Map([...ownVariables(evaluator, child), ...set]) : set
  return { inherits, set: all, unseen: followed && (!inherits || isOwn) ? undefined : settledOrigin(env.node.origin) }
}

/** What the name that holds the variables was made of. */
function originText(evaluator: Evaluator, { node }: Located): string {
  const definitions = node.kind === 'identifier' ? (evaluator.moduleOf(node)?.lookup(node.content, node) ?? []) : []
  return definitions.map((one) => (one.kind === 'assignment' ? one.value.content : '')).join(' ')
}

function entryAt(evaluator: Evaluator, env: Located, thing: Thing, name: string, { call }: ChildCall): Value {
  const entry = thing.kind === 'mapping' ? thing.entries.get(name) : undefined
  const before = entry === undefined ? undefined : evaluator.evaluate(entry)
  const module = evaluator.moduleOf(env.node)
  if (env.node.kind !== 'identifier' || module === undefined) return before === undefined ? ABSENT : valueOf(before, call.origin)
  const after = afterWrites(evaluator, before, ownWrites(module, env.node, name), call, env.frame)
  return after === undefined ? ABSENT : valueOf(after, call.origin)
}

/** `env["NAME"] = …`, `env.update(NAME=…)`, `env.setdefault("NAME", …)`. */
function writtenNames(object: string, content: string): readonly string[] {
  const name = escaped(object)
  const keyed = new RegExp(String.raw`\b${name}\s{0,9}(?:\[|\.\s{0,9}setdefault\s{0,9}\()\s{0,9}(['"])([A-Za-z_]\w{0,60})\1`, 'g')
  const updates = new RegExp(String.raw`\b${name}\s{0,9}\.\s{0,9}update\s{0,9}\(([^)]{0,2000})\)`, 'g')
  const updated = [...content.matchAll(updates)].flatMap(([, text = '']) =>
    [...text.matchAll(/\b([A-Za-z_]\w{0,60})['"]?\s{0,9}[:=]/g)].map((match) => match[1] ?? ''),
  )
  return [...[...content.matchAll(keyed)].map((match) => match[2] ?? ''), ...updated].slice(0, MOST)
}

/** What the program sets in its own environment before: `os.environ["HOST"] = …`. */
function ownVariables(evaluator: Evaluator, { call }: ChildCall): ReadonlyMap<string, Setting> {
  const set = new Map<string, Setting>()
  for (const name of new Set(writtenNames('environ', call.file.content))) {
    const read = { kind: 'environment', name, fallback: ABSENT, emptyIsUnset: false, origin: call.origin } as const
    const value = valueOf(variableAt(evaluator, read, call), call.origin)
    if (!isPassedOn(value, name)) set.set(name, setting(name, value, call.origin))
  }
  return set
}

/** The variable of that name stays what it is. */
const isPassedOn = (value: Value, name: string): boolean =>
  value.kind === 'environment' && value.name === name && value.fallback.kind === 'absent'
