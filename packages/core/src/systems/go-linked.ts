import { type FileOrigin, knownText, type Value, type Word } from '../evidence/index.ts'
import { goDirectories } from './go-programs.ts'
import { nameOf } from './paths.ts'

/** A variable that the linker sets. */
interface LinkedVariable {
  /** `main`, or the path of a package as it is imported. */
  readonly packageName: string
  readonly name: string
  readonly origin: FileOrigin
}

/** `-X IMPORTPATH.NAME=VALUE` (pkg.go.dev/cmd/link), any of them among the flags that one word gives. */
const SET = /(?:^|[\s'"=])-X[\s='"]{1,3}([\w./~-]{1,200})\.(\w{1,100})=/g
const MAIN = /^[ \t]*package[ \t]+main\b/m
/** Variables of one command, files of one package. */
const MOST = 50
const LONGEST = 4096

/** The variables that `go build`, `go run` and `go install` have the linker set. */
export function linkedVariables(words: readonly Word[]): readonly LinkedVariable[] {
  if (nameOf(written(words[0]?.text)) !== 'go' || !/^(?:build|run|install)$/.test(written(words[1]?.text))) return []
  const found: LinkedVariable[] = []
  for (const { text, written: place } of words.slice(2, 200)) {
    const origin = place ?? (text.kind === 'absent' ? undefined : text.origin)
    if (origin === undefined) continue
    for (const [, packageName = '', name = ''] of written(text).slice(0, LONGEST).matchAll(SET))
      if (found.length < MOST) found.push({ packageName, name, origin })
  }
  return found
}

/** The files that may be of a package, tests left out: by the last name of its path, the module's being that of no directory for certain. */
export function goFilesOf(packageName: string, paths: ReadonlySet<string>): readonly string[] {
  const directories = [...goDirectories(paths)]
  const named = directories.filter(([directory]) => directory === '' || nameOf(directory) === nameOf(packageName))
  return (packageName === 'main' ? directories : named).flatMap(([, files]) => files).slice(0, MOST * 4)
}

/** The lines, 1-based, that give a variable of a package its text: the linker sets no other. */
export function linesSetting(packageName: string, name: string, content: string): readonly number[] {
  if (!content.includes(name) || (packageName === 'main' && !MAIN.test(content))) return []
  const setting = new RegExp(`^(?:var\\s+|\\s+)?${name}(?:\\s+string)?\\s*=`)
  return content.split('\n').flatMap((line, index) => (line.length <= LONGEST && setting.test(line) ? [index + 1] : []))
}

function written(value: Value | undefined): string {
  if (value?.kind === 'joined') return value.parts.map(written).join('')
  return knownText(value) ?? ' '
}
