import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { FileOrigin, PortRange } from '../evidence/index.ts'
import { type Address, type AddressRange, formatAddress, sameAddress } from '../network/index.ts'
import { type Diagnostic, DIAGNOSTIC_CODES } from './diagnostic.ts'
import { isGlob } from './files.ts'
import { type ParsedPolicy, parsePolicy } from './parse.ts'
import type { Policy } from './policy.ts'
import { formatPorts } from './ports.ts'

const GOLDEN = fileURLToPath(new URL('golden/', import.meta.url))
const names = readdirSync(GOLDEN).filter((name) => name.endsWith('.txt'))

/** Input, a line `----`, what the parser makes of it. `vitest run -u` writes the second half. */
describe('golden', () => {
  test.each(names)('%s', async (name) => {
    const [input = ''] = readFileSync(`${GOLDEN}${name}`, 'utf8').split('\n----\n')
    const { policy, diagnostics } = parseFolder(readCase(`${input.trimEnd()}\n`))
    const output = [renderDiagnostics(diagnostics), ...(policy === undefined ? [] : [renderPolicy(policy)])].join('')
    await expect(`${input.trimEnd()}\n----\n${output}`).toMatchFileSnapshot(`${GOLDEN}${name}`)
  })
})

/** Made by size rather than by what is written: limits.test.ts shows them. */
const ELSEWHERE: readonly string[] = ['too-large', 'too-many-problems']

test('every diagnostic code is shown by a golden file', () => {
  const texts = names.map((name) => readFileSync(`${GOLDEN}${name}`, 'utf8').split('\n----\n')[1] ?? '').join('\n')
  const missing = Object.keys(DIAGNOSTIC_CODES).filter((code) => !new RegExp(`(error|warning) ${code}$`, 'm').test(texts))
  expect(missing).toEqual(ELSEWHERE)
})

interface Folder {
  readonly files: ReadonlyMap<string, string>
  readonly environment: string | undefined
}

const ENTRY = 'sallyport.yaml'

/** `# environment: NAME` as first line names the environment, `# file: PATH` begins a further file. */
function readCase(input: string): Folder {
  const environment = /^# environment: (.*)\n/.exec(input)?.[1]
  const [entry = '', ...rest] = input.split(/^# file: /m)
  const others = rest.map((part): readonly [string, string] => {
    const end = part.indexOf('\n')
    return [part.slice(0, end), part.slice(end + 1)]
  })
  return { files: new Map([[ENTRY, entry], ...others]), environment }
}

/** Parses as a caller does: gives what is needed, as long as there is more of it. */
function parseFolder(folder: Folder): ParsedPolicy {
  const files = new Map<string, string>()
  const globs = new Map<string, readonly string[]>()
  for (;;) {
    const parsed = parsePolicy({ files, globs, entry: ENTRY, environment: folder.environment })
    const before = files.size + globs.size
    for (const need of parsed.needs) {
      const text = folder.files.get(need)
      if (isGlob(need))
        globs.set(
          need,
          [...folder.files.keys()].filter((path) => matches(need, path)),
        )
      else if (text !== undefined) files.set(need, text)
    }
    for (const path of [...globs.values()].flat()) files.set(path, folder.files.get(path) ?? '')
    if (files.size + globs.size === before) return parsed
  }
}

/** Enough of glob(7) for the cases: `*` alone. */
function matches(pattern: string, path: string): boolean {
  const [want, have] = [pattern.split('/'), path.split('/')]
  return (
    want.length === have.length &&
    want.every((part, index) => part === '*' || part === have[index] || (part === '*.yaml' && have[index]?.endsWith('.yaml')))
  )
}

function renderDiagnostics(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .map(({ file, span: { start, end }, severity, code, message, hint }) => {
      const last = end.line === start.line ? '' : `${end.line}:`
      return `${file}:${start.line}:${start.column}-${last}${end.column} ${severity} ${code}\n  ${message}\n  ${hint}\n`
    })
    .join('')
}

type Shape = Partial<FileOrigin> & Partial<Address> & { readonly first?: unknown; readonly last?: unknown }

/** A policy as indented JSON, with origins, addresses and ports in the form that people write. */
function renderPolicy(policy: Policy): string {
  return `${JSON.stringify(plain(policy), undefined, 1)}\n`.replace(/\[\s+("[^"]*"|\d+)\s+\]/g, '[$1]')
}

function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]))
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value === undefined ? null : value
  const shape = value as Shape
  if (shape.kind === 'file' && shape.span !== undefined) return `${shape.path}:${shape.span.start.line}:${shape.span.start.column}`
  if (shape.family !== undefined) return formatAddress(value as Address)
  if (typeof shape.first === 'number') return formatPorts(value as PortRange)
  if (typeof shape.first === 'object') return renderRange(value as AddressRange)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]))
}

function renderRange({ first, last }: AddressRange): string {
  return sameAddress(first, last) ? formatAddress(first) : `${formatAddress(first)}-${formatAddress(last)}`
}
