import { escaped } from './syntax.ts'
import { directoryOf } from '../paths.ts'
import type { Project } from './project.ts'
import type { PythonFramework } from './row.ts'

/** Lists of requirements, and what was locked of them. */
const LISTS =
  /(?:^|\/)(?:(?:requirements|constraints)[\w.-]*\.(?:txt|in)|pyproject\.toml|(?:uv|poetry|pdm)\.lock|Pipfile|setup\.(?:py|cfg))$/
const LONGEST = 2_000_000

/** The row as it was in the version that the folder pins; where it pins none, the newest is what gets installed. */
export function asPinned(
  project: Project,
  framework: PythonFramework,
  file: { readonly path: string; readonly content: string },
): PythonFramework {
  const { earlier } = framework
  if (earlier === undefined) return framework
  // A script may carry its list itself (PEP 723).
  const texts = [file.content, ...listsAbove(project, file.path)]
  const limits = texts.flatMap((text) => limitsOf(text, earlier.package))
  const found = earlier.versions.find(({ below }) => limits.some((limit) => isBelow(limit, below)))
  return found === undefined ? framework : { ...framework, ...found }
}

function listsAbove(project: Project, path: string): readonly string[] {
  const directory = directoryOf(path)
  return [...project.snapshot.paths].flatMap((list) => {
    const at = directoryOf(list).replace(/(?:^|\/)requirements$/, '')
    if (!LISTS.test(list) && !/(?:^|\/)requirements\/[\w.-]+\.(?:txt|in)$/.test(list)) return []
    if (at !== '' && at !== directory && !directory.startsWith(`${at}/`)) return []
    const text = project.text(list)?.content
    return text === undefined || text.length > LONGEST ? [] : [text]
  })
}

/** `itself`: whether the version is allowed that it names. */
interface Limit {
  readonly version: readonly number[]
  readonly itself: boolean
}

/** The upper limits that a list sets to the versions of a package. */
function limitsOf(text: string, name: string): readonly Limit[] {
  if (!text.includes(name)) return []
  const package_ = escaped(name)
  // `mcp[cli]>=1.2,<1.9`, also in quotes and in parentheses
  const required = new RegExp(String.raw`(?<![\w.-])${package_}(?:\[[^\]\n]{0,200}\])?[ \t]{0,8}\(?([~=<>!][^"'\n;#)]{0,200})`, 'g')
  // `mcp = "^1.8"`, `mcp = { version = "1.8.0", extras = ["cli"] }`; a version alone is that version
  const assigned = new RegExp(
    String.raw`^[ \t]{0,8}["']?${package_}["']?[ \t]{0,8}=[ \t]{0,8}(?:\{[^}\n]{0,200}?\bversion[ \t]{0,8}=[ \t]{0,8})?["']([^"'\n]{1,200})`,
    'gm',
  )
  const locked = new RegExp(String.raw`^name = "${package_}"\r?\nversion = "([^"\n]{1,60})"`, 'gm')
  return [required, assigned, locked].flatMap((pattern) =>
    [...text.matchAll(pattern)].flatMap(([, list = '']) => list.split(',').flatMap((one) => limitOf(one.trim()))),
  )
}

const SPECIFIER = /^(===?|~=|<=?|\^|~)?\s{0,8}v?(\d{1,9}(?:\.(?:\d{1,9}|\*)){0,6})/

function limitOf(specifier: string): readonly Limit[] {
  const [, operator, numbers] = SPECIFIER.exec(specifier) ?? []
  if (numbers === undefined) return []
  const version = numbers.split('.').map((part) => (part === '*' ? Number.POSITIVE_INFINITY : Number(part)))
  if (operator === '<') return [{ version, itself: false }]
  if (operator === '~=') return [{ version: [...version.slice(0, -1), Number.POSITIVE_INFINITY], itself: true }]
  if (operator === '~') return [{ version: [...version.slice(0, 2), Number.POSITIVE_INFINITY], itself: true }]
  if (operator === '^') return [{ version: [...version.slice(0, 1), Number.POSITIVE_INFINITY], itself: true }]
  return [{ version, itself: true }]
}

/** Whether all that a limit allows is older. */
function isBelow({ version, itself }: Limit, than: string): boolean {
  const other = than.split('.').map(Number)
  const at = other.findIndex((part, index) => (version[index] ?? 0) !== part)
  return at < 0 ? !itself : (version[at] ?? 0) < (other[at] ?? 0)
}
