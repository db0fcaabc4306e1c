import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { sourceTools } from '../../cli/src/collect/source.ts'
import type { Claim, Evidence, Value } from '../src/evidence/index.ts'
import type { FileState, Reader, Snapshot } from '../src/systems/system.ts'

/** A reader of source, and the paths that are of its language. */
export interface SourceReader extends Reader {
  readonly source: RegExp
}

interface Case {
  readonly name: string
  readonly files: ReadonlyMap<string, string>
  readonly expected: readonly string[]
}

function casesOf(directory: URL): readonly Case[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.txt'))
    .toSorted()
    .flatMap((file) =>
      readFileSync(new URL(file, directory), 'utf8')
        .split(/^### /m)
        .slice(1)
        .map((text) => {
          const [title = '', ...rest] = text.split('\n')
          const [sources = '', expected = ''] = rest.join('\n').split(/^----\n/m)
          const parts = sources.split(/^=== (.+)\n/m).slice(1)
          const files = new Map(
            Array.from({ length: parts.length / 2 }, (_, index) => [parts[index * 2] ?? '', parts[index * 2 + 1] ?? '']),
          )
          return { name: `${file.replace('.txt', '')} · ${title}`, files, expected: expected.split('\n').filter((line) => line !== '') }
        }),
    )
}

/** What the reader says of the files that it is given, asked until it needs nothing more. */
export function evidenceOfFiles(files: ReadonlyMap<string, string>, matched: readonly string[], read: Reader['read']): readonly Evidence[] {
  const state = (path: string): FileState => ({ kind: 'text', text: files.get(path) ?? '' })
  const loaded = new Map(matched.map((path) => [path, state(path)]))
  const context: Snapshot['context'] = { host: 'golden', standing: 'configured', capturedAt: 0 }
  const snapshot: Snapshot = { matched, paths: new Set(files.keys()), file: (path) => loaded.get(path), glob: () => [], context }
  for (;;) {
    const { evidence, needs } = read(snapshot, sourceTools)
    const asked = needs.filter((path) => !loaded.has(path))
    if (asked.length === 0) return evidence
    for (const path of asked) loaded.set(path, files.has(path) ? state(path) : { kind: 'absent' })
  }
}

/** Of all files that are of its language. */
function evidenceOf(files: ReadonlyMap<string, string>, { source, read }: SourceReader): readonly Evidence[] {
  return evidenceOfFiles(
    files,
    [...files.keys()].filter((path) => source.test(path)),
    read,
  )
}

function written(value: Value): string {
  switch (value.kind) {
    case 'known':
      return typeof value.value === 'string' ? `'${value.value}'` : String(value.value)
    case 'absent':
      return '-'
    case 'environment': {
      const whenSet = value.whenSet === undefined ? '' : `:+${written(value.whenSet)}`
      return `$${value.name}${whenSet}${value.fallback.kind === 'absent' ? '' : `${value.emptyIsUnset ? ':-' : '-'}${written(value.fallback)}`}`
    }
    case 'argument':
      return `<${value.name}>${value.fallback.kind === 'absent' ? '' : `-${written(value.fallback)}`}`
    case 'choice':
      return value.when === undefined
        ? `(${value.options.map(written).join(' | ')})`
        : `(${written(value.when.of)}${value.when.is === undefined ? '' : `=${value.when.is.join()}`} ? ${value.options.map(written).join(' : ')})`
    case 'joined':
      return value.parts.map(written).join('+')
    case 'unknown':
      return `?${value.reason}`
    default:
      return value satisfies never
  }
}

function shown(claim: Claim, path: string): string {
  switch (claim.claim) {
    case 'bind': {
      const flags = [...(claim.test ? ['test'] : []), ...(claim.entries.join() !== path ? [`entries=${claim.entries.join(',')}`] : [])]
      const port = claim.port.kind === 'absent' && claim.defaultPort !== undefined ? `-${claim.defaultPort}` : written(claim.port)
      const host = claim.host.kind === 'absent' ? `-${claim.defaultHost}` : written(claim.host)
      return [claim.framework, ...(claim.protocol === 'udp' ? ['udp'] : []), host, port, ...flags].join(' ')
    }
    case 'allowed-origins':
      return `origins ${claim.name} [${claim.origins.map(({ text }) => written(text)).join(', ')}]${claim.wildcard ? ' wildcard' : ''}${claim.credentials ? ' credentials' : ''}`
    case 'guard-use':
      return `guard ${claim.name} entries=${claim.entries.join(',')}`
    case 'environment-load':
      return `load ${claim.files.map(written).join(', ')}${claim.relativeTo === undefined ? '' : ' in the folder'}${claim.overrides ? ' overrides' : ''}${claim.isDone === undefined ? '' : ` if ${written(claim.isDone)}`}${(claim.readBefore ?? []).map((one) => ` behind ${one.path}:${one.line}${one.perhaps === true ? '?' : ''}`).join('')} entries=${claim.entries.join(',')}`
    case 'launch': {
      const serves =
        claim.serves === undefined ? '' : ` ${claim.serves.program} ${written(claim.serves.host)} ${written(claim.serves.port)}`
      const set = [...claim.environment].map(([name, { value }]) => ` ${name}=${written(value)}`).join('')
      const takes = claim.startedBy === undefined ? '' : ` by ${claim.startedBy.entries.join()} takes [${claim.startedBy.takes.join()}]`
      const where = claim.workingDirectory === undefined ? '' : ` in '${claim.workingDirectory}'`
      return `launch ${claim.entry ?? '-'}${serves}${set}${where}${takes}${claim.unseenEnvironment === undefined ? '' : ' unseen'}`
    }
    case 'gap':
      return `gap ${claim.code} ${claim.what}`
    default:
      return claim.claim
  }
}

function place({ origin }: Evidence): string {
  return origin.kind === 'file' ? `${origin.path}:${origin.span.start.line}` : ''
}

function seen(files: ReadonlyMap<string, string>, reader: SourceReader): readonly string[] {
  return evidenceOf(files, reader).map((item) => `${place(item)} ${shown(item.claim, item.origin.kind === 'file' ? item.origin.path : '')}`)
}

/** SALLYPORT_UPDATE_GOLDEN=1 writes what is seen. */
function update(directory: URL, reader: SourceReader): void {
  const found = new Map(casesOf(directory).map((one) => [one.name, seen(one.files, reader)]))
  for (const file of readdirSync(directory).filter((name) => name.endsWith('.txt'))) {
    const [head = '', ...parts] = readFileSync(new URL(file, directory), 'utf8').split(/^### /m)
    const written = parts.map((part) => {
      const title = part.slice(0, part.indexOf('\n'))
      const lines = found.get(`${file.replace('.txt', '')} · ${title}`) ?? []
      return `### ${part.split(/^----\n/m)[0]}----\n${lines.map((line) => `${line}\n`).join('')}`
    })
    writeFileSync(new URL(file, directory), `${head}${written.join('\n')}`)
  }
}

/**
 * A case is one file: sources (`=== path`), a line `----`, and what is seen in them, one thing a line. Several cases stand in one file
 * where they show one thing: `### name` begins each. A value is written as `$NAME:-fallback`, `?` where it is not known, `-` where nothing
 * is said.
 */
export function testGoldenSources(directory: URL, reader: SourceReader, least: { readonly count: number; readonly words: string }): void {
  if (process.env['SALLYPORT_UPDATE_GOLDEN'] === '1') update(directory, reader)
  describe('golden cases', () => {
    const all = casesOf(directory)
    test.each(all.map((one) => [one.name, one] as const))('%s', (_, { files, expected }) => {
      expect(seen(files, reader)).toEqual(expected)
    })

    test(`are more than ${least.words}`, () => {
      expect(all.length).toBeGreaterThan(least.count)
    })
  })
}
