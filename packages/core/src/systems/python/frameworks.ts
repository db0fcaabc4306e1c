import type { BindCall, PythonFramework } from './row.ts'
import { STANDARD_FRAMEWORKS } from './rows/standard.ts'
import { WEB_FRAMEWORKS } from './rows/web.ts'

/** Every way of Python code to start a server that is known. */
export const PYTHON_FRAMEWORKS: readonly PythonFramework[] = [...WEB_FRAMEWORKS, ...STANDARD_FRAMEWORKS]

export interface KnownCall {
  readonly framework: PythonFramework
  readonly call: BindCall
}

const ALL: readonly KnownCall[] = PYTHON_FRAMEWORKS.flatMap((framework) => framework.calls.map((call) => ({ framework, call })))
const BY_NAME = new Map(ALL.flatMap((known) => known.call.names.map((name): [string, KnownCall] => [name, known])))

/** The way of binding that a name is: of a package's function, class, or a method of what they give. */
export function knownCall(name: string): KnownCall | undefined {
  return BY_NAME.get(name)
}

/** Whether a name is of a package that has rows: they tell which of its calls bind. */
export function isKnownPackage(name: string): boolean {
  return PACKAGES.has(packageOf(name))
}

const packageOf = (name: string): string => name.split('.', 1)[0]?.replace('()', '') ?? ''

const PACKAGES: ReadonlySet<string> = new Set([...BY_NAME.keys()].map(packageOf))

/** Whether it is how an application is served, as `uvicorn main:app` does, rather than a socket that a program opens. */
export function servesApplication({ framework, call }: KnownCall): boolean {
  return WEB_FRAMEWORKS.includes(framework) && call.beside !== true
}

/** The ways of binding that a method may be whose object cannot be told. */
export function guessesOf(method: string): readonly KnownCall[] {
  return ALL.filter(({ call }) => call.guess?.method === method)
}

/** What a folder's code may call to bind, as its imports tell: the names, and the package that each has to come from. */
export interface Vocabulary {
  readonly names: ReadonlySet<string>
  /** Whether a file's text may bind; cheap, and too generous. */
  may(content: string): boolean
  /** Classes that bind when they are made. */
  readonly classes: ReadonlySet<string>
}

/** `packages`: the first parts of the modules that the folder imports. */
export function vocabularyOf(packages: ReadonlySet<string>): Vocabulary {
  const names = new Set<string>()
  const methods = new Set<string>()
  const functions = new Map<string, Set<string>>()
  const imported = [...packages].join(' ')
  for (const { call } of ALL) {
    for (const name of call.names) {
      const root = name.slice(0, name.indexOf('.'))
      if (!packages.has(root)) continue
      const last = name.slice(name.lastIndexOf('.') + 1)
      names.add(last)
      if (name.includes('()')) methods.add(last)
      else functions.set(root, (functions.get(root) ?? new Set()).add(last))
    }
    if (call.guess?.imports.test(imported) === true) {
      names.add(call.guess.method)
      methods.add(call.guess.method)
    }
  }
  const asMethod =
    methods.size === 0
      ? undefined
      : new RegExp(String.raw`(?<!\b(?:subprocess|asyncio|unittest|re))\.\s*(?:${[...methods].join('|')})\s*(?:[(,)}\]]|$)`, 'm')
  const asText = names.size === 0 ? undefined : new RegExp(String.raw`\bgetattr\s*\([^()'"]{1,100}['"](?:${[...names].join('|')})['"]`)
  const asFunction = [...functions].map(([root, own]) => ({
    root,
    pattern: new RegExp(String.raw`(?<!\bdef )\b(?:${[...own].join('|')})\b`),
  }))
  return {
    names,
    may: (content) =>
      asText?.test(content) === true ||
      asMethod?.test(content) === true ||
      asFunction.some(({ root, pattern }) => content.includes(root) && pattern.test(content)),
    classes: new Set([...names].filter((name) => /^[A-Z]/.test(name))),
  }
}
