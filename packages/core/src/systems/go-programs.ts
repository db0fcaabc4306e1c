import type { Text } from '../evidence/index.ts'
import { directoryOf, joinPath, nameOf } from './paths.ts'

/** The Go files of a folder by their directory, tests left out; found once. */
const BY_DIRECTORY = new WeakMap<ReadonlySet<string>, ReadonlyMap<string, readonly string[]>>()

export function goDirectories(paths: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  const before = BY_DIRECTORY.get(paths)
  if (before !== undefined) return before
  const found = new Map<string, string[]>()
  for (const path of paths) {
    if (!path.endsWith('.go') || path.endsWith('_test.go') || /(?:^|\/)vendor\//.test(path)) continue
    const directory = directoryOf(path)
    const files = found.get(directory)
    if (files === undefined) found.set(directory, [path])
    else files.push(path)
  }
  BY_DIRECTORY.set(paths, found)
  return found
}

/** Whether the folder has Go source at all. */
export const hasGo = (paths: ReadonlySet<string>): boolean => goDirectories(paths).size > 0

/** The file that stands for the program of a directory: `main.go` where there is one. */
export function goProgram(paths: ReadonlySet<string>, directory: string): string | undefined {
  const files = (goDirectories(paths).get(directory) ?? []).toSorted()
  return files.find((path) => nameOf(path) === 'main.go') ?? files.find((path) => nameOf(path) === `${nameOf(directory)}.go`) ?? files[0]
}

/**
 * The program that a built file of that name is by custom: of `cmd/NAME` (go.dev/doc/modules/layout), or of the one directory of that
 * name that has a `main.go`.
 */
export function goProgramNamed(paths: ReadonlySet<string>, name: string): string | undefined {
  const directories = [...goDirectories(paths).keys()].filter((directory) => nameOf(directory) === name)
  const commands = directories.filter((directory) => /(?:^|\/)cmd$/.test(directoryOf(directory)))
  const [only, another] = commands.length > 0 ? commands : directories.filter((directory) => paths.has(`${directory}/main.go`))
  return only === undefined || another !== undefined ? undefined : goProgram(paths, only)
}

/** The only program of the folder, as far as names tell. */
export function onlyGoProgram(paths: ReadonlySet<string>): string | undefined {
  const mains = [...goDirectories(paths).values()].flatMap((files) => files.filter((path) => nameOf(path) === 'main.go'))
  return mains.length === 1 ? mains[0] : undefined
}

/** `go build -o NAME PACKAGE`: a file that is made, and the program that it is of. */
export interface GoBuild {
  /** The last part of the path of what is made. */
  readonly name: string
  /** The file that says so. */
  readonly file: string
  readonly entry: string
}

/** Files that may say how programs are built. */
const BUILD_FILE =
  /(?:^|\/)(?:go\.mod|[^/]*Dockerfile[^/]*|Containerfile|GNUmakefile|[Mm]akefile|[^/]*\.mk|[^/]*\.sh|[Tt]askfile\.ya?ml|\.?justfile|\.air\.toml)$/i

export const isBuildFile = (path: string): boolean => BUILD_FILE.test(path)

const BUILD = /\bgo[ \t]+(?:build|install)\b([^\n;&|]{0,2000})/g
const COPIED = /^[ \t]*COPY[ \t]+--from=\S{1,100}[ \t]+(?:--\S{1,100}[ \t]+)*(\S{1,300})[ \t]+(\S{1,300})[ \t]*$/gm
const ASSIGNED = /^[ \t]*(?:export[ \t]+|ARG[ \t]+|ENV[ \t]+)?([A-Za-z_]\w{0,60})[ \t]*[:?]?=[ \t]*["']?([^\s"'#]{1,200})/gm

const BUILDS = new WeakMap<Text, readonly GoBuild[]>()

/** What a Dockerfile, makefile or script builds (pkg.go.dev/cmd/go, Compile packages and dependencies); of a go.mod what `go build` makes beside it. */
export function goBuilds(text: Text, paths: ReadonlySet<string>): readonly GoBuild[] {
  let found = BUILDS.get(text)
  if (found === undefined) {
    found = nameOf(text.path) === 'go.mod' ? ofModule(text, paths) : buildsIn(text, paths)
    BUILDS.set(text, found)
  }
  return found
}

function ofModule(text: Text, paths: ReadonlySet<string>): readonly GoBuild[] {
  const [, path = ''] = /^[ \t]*module[ \t]+"?([^\s"]{1,300})/m.exec(text.content) ?? []
  const entry = goProgram(paths, directoryOf(text.path))
  const name = nameOf(path.replace(/\/v\d{1,3}$/, ''))
  return entry === undefined || name === '' ? [] : [{ name, file: text.path, entry }]
}

function buildsIn(text: Text, paths: ReadonlySet<string>): readonly GoBuild[] {
  const content = text.content.slice(0, 200_000).replace(/\\\r?\n/g, ' ')
  if (!content.includes('go build') && !content.includes('go install')) return []
  const values = new Map([...content.matchAll(ASSIGNED)].map(([, name = '', value = '']) => [name, value]))
  const filled = (word: string): string =>
    word.replace(/\$\{(\w+)\}|\$\((\w+)\)|\$(\w+)/g, (whole, a?: string, b?: string, c?: string) => values.get(a ?? b ?? c ?? '') ?? whole)
  const own = directoryOf(text.path)
  const found: GoBuild[] = []
  for (const match of content.matchAll(BUILD)) {
    const words = (match[1] ?? '').match(/"[^"]*"|'[^']*'|[^\s"']+(?:"[^"]*"|'[^']*'|[^\s"'])*/g) ?? []
    const { output, target } = buildWords(words.map((word) => filled(word.replace(/^(["'])(.*)\1$/, '$2'))))
    const line = content.slice(content.lastIndexOf('\n', match.index) + 1, match.index)
    const moved = /\bcd[ \t]+([^\s;&|]{1,200})[ \t]*(?:&&|;)[^\n]*$/.exec(line)?.[1] ?? '.'
    const entry = [own, ''].flatMap((from) => entryAt(paths, from, filled(moved), target) ?? [])[0]
    if (entry === undefined) continue
    const name = output === undefined || output.endsWith('/') ? nameOf(directoryOf(entry)) : nameOf(output)
    if (name !== '') found.push({ name, file: text.path, entry })
  }
  // What another stage of an image made, under a name of its own.
  for (const [, from = '', to = ''] of content.matchAll(COPIED)) {
    const made = found.find(({ name }) => name === nameOf(filled(from)))
    if (made !== undefined && !/[/.]$/.test(to)) found.push({ ...made, name: nameOf(filled(to)) })
  }
  return found
}

/** Options of `go build` that take a word. */
const TAKES = /^--?(?:o|tags|ldflags|gcflags|asmflags|mod|modfile|p|C|buildmode|compiler|installsuffix|overlay|pkgdir|toolexec|pgo)$/

function buildWords(words: readonly string[]): { readonly output: string | undefined; readonly target: string } {
  let output: string | undefined
  let target = '.'
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    const attached = /^--?o=(.+)$/.exec(word)?.[1]
    if (attached !== undefined) output = attached
    else if (/^--?o$/.test(word)) output = words[++at]
    else if (TAKES.test(word)) at++
    else if (!word.startsWith('-')) target = word
  }
  return { output, target }
}

function entryAt(paths: ReadonlySet<string>, from: string, moved: string, target: string): string | undefined {
  const directory = moved.startsWith('/') ? from : joinPath(from, moved)
  const path = directory === undefined || target.startsWith('/') ? undefined : joinPath(directory, target)
  if (path === undefined) return undefined
  return path.endsWith('.go') ? (paths.has(path) ? path : undefined) : goProgram(paths, path)
}
