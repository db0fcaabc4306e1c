import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Bind, BindChange, Edit, Evidence, FileOrigin, Value } from '@sallyport/core/evidence'
import { type SourceLanguage, type SyntaxNode, SYSTEMS, type System } from '@sallyport/core/systems'
import { sourceTools } from '../../packages/cli/src/collect/source.ts'
import { evidenceOfFiles } from '../../packages/core/test/golden-sources.ts'

/**
 * A case is one file: `proves E2` (optional), how the result is tried (`try node server.js`, `try compile main.py`), the files before
 * (`=== before PATH`), and after `fix` (`=== after PATH`; a file that is not there is as it was), or `=== refused` and the reason.
 */
export interface FixCase {
  readonly name: string
  readonly proves: readonly string[]
  readonly tries: readonly string[]
  readonly before: ReadonlyMap<string, string>
  readonly after: ReadonlyMap<string, string>
  readonly refused: string | undefined
}

export const CASES = new URL('cases/', import.meta.url)

export function casesOf(): readonly FixCase[] {
  return readdirSync(CASES)
    .filter((file) => file.endsWith('.txt'))
    .toSorted()
    .map((file) => caseOf(file.replace('.txt', ''), readFileSync(new URL(file, CASES), 'utf8')))
}

function caseOf(name: string, text: string): FixCase {
  const [head = '', ...parts] = text.split(/^=== (.+)\n/m)
  const before = new Map<string, string>()
  const after = new Map<string, string>()
  let refused: string | undefined
  for (let index = 0; index < parts.length; index += 2) {
    const [kind, path = ''] = (parts[index] ?? '').split(' ')
    const content = parts[index + 1] ?? ''
    if (kind === 'before') before.set(path, content)
    else if (kind === 'after') after.set(path, content)
    else refused = content.trim()
  }
  const lines = head.split('\n')
  const words = (key: string): readonly string[] =>
    lines.flatMap((line) => (line.startsWith(`${key} `) ? [line.slice(key.length + 1)] : []))
  return {
    name,
    proves: words('proves').flatMap((line) => line.split(' ')),
    tries: words('try'),
    before,
    after: new Map([...before, ...after]),
    refused,
  }
}

/** The systems whose files are programs. */
export const LANGUAGES: readonly System[] = SYSTEMS.filter(({ edits }) => edits?.changes.includes('bind') === true)

const matches = ({ reads }: System, path: string, text: string): boolean =>
  reads.some((pattern) => pattern.path.test(path) && pattern.contains?.test(text) !== false)

export interface FoundBind {
  readonly system: System
  readonly claim: Bind
  readonly origin: FileOrigin
}

/** Every place that binds, tests left out. */
export async function bindsIn(files: ReadonlyMap<string, string>): Promise<readonly FoundBind[]> {
  const found: FoundBind[] = []
  for (const system of LANGUAGES) {
    const matched = [...files].flatMap(([path, text]) => (matches(system, path, text) ? [path] : []))
    if (matched.length === 0) continue
    const { read } = await system.load()
    for (const { claim, origin } of evidenceOfFiles(files, matched, read) as readonly Evidence[])
      if (claim.claim === 'bind' && !claim.test && origin.kind === 'file') found.push({ system, claim, origin })
  }
  return found
}

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/

/** The hosts that a bind may come to where no variable is set. */
export function hostsOf({ host, defaultHost }: Bind): readonly string[] {
  const leaves = (value: Value): readonly string[] => {
    switch (value.kind) {
      case 'known':
        // `127.0.0.1:50051`, where a call takes both in one text.
        return [String(value.value).replace(/^(?:\[([^\]]*)\]|([^:]*)):\d{1,5}$/, '$1$2')]
      case 'absent':
        return [defaultHost]
      case 'environment':
        return [...leaves(value.fallback), ...(value.whenSet === undefined ? [] : leaves(value.whenSet))]
      case 'argument':
        return leaves(value.fallback)
      case 'choice':
        return value.options.flatMap(leaves)
      case 'joined':
      case 'unknown':
        return ['?']
      default:
        return value satisfies never
    }
  }
  return leaves(host)
}

/** What is not known counts as exposed: an editor has to say why it leaves it. */
export const isExposed = (bind: Bind): boolean => hostsOf(bind).some((host) => !LOOPBACK.test(host))

/** Whether the environment can say another host. */
export function readsVariable(value: Value, name: string): boolean {
  if (value.kind === 'environment') return value.name === name || readsVariable(value.fallback, name)
  if (value.kind === 'argument') return readsVariable(value.fallback, name)
  if (value.kind === 'choice') return value.options.some((option) => readsVariable(option, name))
  return value.kind === 'joined' && value.parts.some((part) => readsVariable(part, name))
}

export const changeOf = ({ claim, origin }: FoundBind): BindChange => ({
  change: 'bind',
  at: origin,
  framework: claim.framework,
  language: claim.language,
  protocol: claim.protocol,
  host: '127.0.0.1',
  variable: 'HOST',
  given: claim.host,
})

export function applied(files: ReadonlyMap<string, string>, edits: readonly Edit[]): ReadonlyMap<string, string> {
  const result = new Map(files)
  for (const path of new Set(edits.map((edit) => edit.path))) {
    const own = edits.filter((edit) => edit.path === path)
    let text = files.get(path) ?? ''
    for (const { start, end, text: put } of own.toReversed()) text = text.slice(0, start) + put + text.slice(end)
    result.set(path, text)
  }
  return result
}

export interface Fixed {
  readonly files: ReadonlyMap<string, string>
  readonly notes: readonly string[]
  readonly refused: readonly string[]
}

/** Fixes one bind after the other, until none is left that may be fixed. */
export async function fixed(before: ReadonlyMap<string, string>): Promise<Fixed> {
  let files = before
  const notes: string[] = []
  const refused = new Map<string, string>()
  for (let round = 0; round < 64; round++) {
    const open = (await bindsIn(files)).find((bind) => isExposed(bind.claim) && !refused.has(keyOf(bind)))
    if (open === undefined) break
    const editor = await open.system.edits?.load()
    const edited = editor?.edit(
      changeOf(open),
      { file: (path) => (files.has(path) ? { kind: 'text', text: files.get(path) ?? '' } : { kind: 'absent' }) },
      sourceTools,
    )
    if (edited?.kind === 'edits') {
      notes.push(...edited.notes)
      const next = applied(files, edited.edits)
      if ([...next].every(([path, text]) => files.get(path) === text)) break
      files = next
    } else refused.set(keyOf(open), edited?.why ?? '')
  }
  return { files, notes, refused: [...refused.values()] }
}

const keyOf = ({ origin, claim }: FoundBind): string =>
  `${origin.path} ${origin.span.start.line} ${claim.framework} ${JSON.stringify(claim.host)}`

/** Writes what `fix` makes of each case behind it, to be read by a person (SALLYPORT_UPDATE_GOLDEN=1). */
export async function update(): Promise<void> {
  for (const { name, proves, tries, before } of casesOf()) {
    const { files, refused } = await fixed(before)
    const changed = [...files].filter(([path, text]) => before.get(path) !== text)
    const head = [...(proves.length === 0 ? [] : [`proves ${proves.join(' ')}`]), ...tries.map((words) => `try ${words}`)]
    writeFileSync(
      new URL(`${name}.txt`, CASES),
      [
        ...head.map((line) => `${line}\n`),
        ...[...before].map(([path, text]) => `=== before ${path}\n${text}`),
        ...changed.map(([path, text]) => `=== after ${path}\n${text}`),
        ...(refused.length === 0 ? [] : [`=== refused\n${refused.join('\n')}\n`]),
      ].join(''),
    )
  }
}

const GRAMMARS: readonly (readonly [RegExp, SourceLanguage])[] = [
  [/\.[cm]?js$/, 'javascript'],
  [/\.ts$/, 'typescript'],
  [/\.py$/, 'python'],
  [/\.go$/, 'go'],
]

/** Whether a parser understands all of a text. */
export function isWhole(path: string, text: string): boolean {
  const language = GRAMMARS.find(([pattern]) => pattern.test(path))?.[1]
  const root = language === undefined ? undefined : sourceTools.parseSource(language, text)
  const open: SyntaxNode[] = root === undefined ? [] : [root]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const { start, end } = node.range()
    // What is missing is put in, of no length.
    if (node.kind() === 'ERROR' || (start.index === end.index && text !== '')) return false
    open.push(...node.children())
  }
  return true
}
