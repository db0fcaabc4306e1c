import type { Value } from '../../evidence/index.ts'
import type { Evaluator } from './evaluator.ts'
import type { Module } from './module.ts'
import type { Node } from '../tree.ts'
import type { Project } from './project.ts'
import { isTestCode } from './test-code.ts'
import { mapAbsent, NONE, type Thing, valueOf, valueThing } from './thing.ts'
import { afterWrites, loopEntry, type Write, writesTo } from './writes.ts'

type Environment = Extract<Value, { readonly kind: 'environment' }>

/** How the environment is written in code that changes it, by the names of the module's imports. */
const OBJECTS = ['os.environ', 'environ', 'os.environb', 'environb'] as const

/** What a variable is where the program has changed its own environment before it reads it. */
export function variableAt(evaluator: Evaluator, variable: Environment, use: Node): Thing {
  const before = valueThing(variable)
  const writes = evaluator.once(`environment ${variable.name}`, [], () => environmentWrites(evaluator, variable, use))
  return afterWrites(evaluator, before, writes, use, undefined) ?? before
}

function environmentWrites(evaluator: Evaluator, variable: Environment, use: Node): readonly Write[] {
  const { project } = evaluator
  const isTest = isTestCode(use.file)
  return writersOf(project).flatMap((path): readonly Write[] => {
    const content = project.text(path)?.content ?? ''
    const isNamed = content.includes(variable.name)
    if (!isNamed && !/\benvironb?\s*(?:\.\s*(?:update|clear)\b|\|=)/.test(content)) return []
    const module = project.module(path)
    if (module === undefined || (path !== use.file.path && isTestCode(module.file) && !isTest)) return []
    const found = OBJECTS.flatMap((object) => writesTo(module, object, variable.name))
    return [...found, ...inLoops(module, variable.name)].map((write) => asVariable(write, variable))
  })
}

const WRITERS = new WeakMap<Project, readonly string[]>()
const CHANGES =
  /\benvironb?\s*(?:\[[^\]\n]{1,200}\]\s*\)?\s*(?:=(?!=)|\+=)|\.\s*(?:update|setdefault|pop|clear|__dict__)\b|\|=)|\bdel\s[^\n]{0,200}\benvironb?\b/

/** The files that change the environment; found once for a folder. */
function writersOf(project: Project): readonly string[] {
  const known = WRITERS.get(project)
  if (known !== undefined) return known
  const found = project.sources.filter((path) => CHANGES.test(project.text(path)?.content ?? ''))
  WRITERS.set(project, found)
  return found
}

/** Without a value the variable is not set; `setdefault` leaves it where it is. */
function asVariable(write: Write, variable: Environment): Write {
  const isDefault = /\.\s*setdefault\s*\(/.test(write.node.content.slice(0, 200))
  return {
    ...write,
    thing: (evaluator, frame, before) => {
      if (!isDefault) {
        const thing = write.thing(evaluator, frame, before)
        if (thing.kind !== 'value') return thing
        if (thing.value.kind === 'absent') return valueThing(variable.fallback)
        // `if host: os.environ["HOST"] = host`: what is not given is not written.
        return valueThing(mapAbsent(thing.value, before?.kind === 'value' ? before.value : variable.fallback))
      }
      const fallback = valueOf(write.thing(evaluator, frame, undefined), write.node.origin)
      return before === undefined || isUnwritten(before, variable) ? valueThing({ ...variable, fallback }) : before
    },
  }
}

function isUnwritten(before: Thing, variable: Environment): boolean {
  return before.kind === 'value' && before.value === variable
}

/** `for name, value in {…}.items(): os.environ[name] = value`. */
function inLoops(module: Module, name: string): readonly Write[] {
  if (!/\bfor\b[^\n]{1,200}\.items\(\)/.test(module.file.content)) return []
  return module.occurrences('environ').flatMap((node) => {
    const object = node.parent?.kind === 'attribute' ? node.parent : node
    const target = object.parent
    const statement = target?.kind === 'subscript' && target.field('value') === object ? target.parent : undefined
    const key = target?.named[1]
    if (statement?.kind !== 'assignment' || key?.kind !== 'identifier') return []
    const thing: Write['thing'] = (evaluator, _, before) => {
      const found = loopEntry(evaluator, key, statement.field('right'), statement, name)
      return found === undefined || found === 'none' ? (before ?? NONE) : found
    }
    return [{ node: statement, thing, keeps: true }]
  })
}
