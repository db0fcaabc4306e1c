import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { sourceTools } from '../../../../cli/src/collect/source.ts'
import type { Claim, Evidence, Value } from '../../evidence/index.ts'
import type { FileState, Snapshot } from '../system.ts'
import { read } from './read.ts'

/**
 * A case is one file: sources (`=== path`), a line `----`, and what is seen in them, one thing a line. Places are path
 * and line; a value is written as the source writes it, `?` where it is not known.
 */
const DIRECTORY = new URL('golden/', import.meta.url)

interface Case {
  readonly name: string
  readonly files: ReadonlyMap<string, string>
  readonly expected: readonly string[]
}

function cases(): readonly Case[] {
  return readdirSync(DIRECTORY)
    .filter((name) => name.endsWith('.txt'))
    .toSorted()
    .map((name) => {
      const [sources = '', expected = ''] = readFileSync(new URL(name, DIRECTORY), 'utf8').split(/^----\n/m)
      const parts = sources.split(/^=== (.+)\n/m).slice(1)
      const files = new Map(Array.from({ length: parts.length / 2 }, (_, index) => [parts[index * 2] ?? '', parts[index * 2 + 1] ?? '']))
      return { name: name.replace('.txt', ''), files, expected: expected.split('\n').filter((line) => line !== '') }
    })
}

function evidenceOf(files: ReadonlyMap<string, string>): readonly Evidence[] {
  const matched = [...files.keys()].filter((path) => /\.[cm]?[jt]sx?$/.test(path))
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

function written(value: Value): string {
  switch (value.kind) {
    case 'known':
      return typeof value.value === 'string' ? `'${value.value}'` : String(value.value)
    case 'absent':
      return '-'
    case 'environment':
      return value.fallback.kind === 'absent' ? `$${value.name}` : `$${value.name}${value.emptyIsUnset ? '||' : '??'}${written(value.fallback)}`
    case 'argument':
      return value.fallback.kind === 'absent' ? value.name : `${value.name}||${written(value.fallback)}`
    case 'choice':
      return `(${value.options.map(written).join(' | ')})`
    case 'joined':
      return value.parts.map(written).join('+')
    case 'unknown':
      return '?'
    default:
      return value satisfies never
  }
}

function described(claim: Claim, path: string): string {
  switch (claim.claim) {
    case 'bind': {
      const marks = [
        claim.test ? ' test' : '',
        claim.builtFrom === undefined ? '' : ` from=${claim.builtFrom}`,
        claim.entries.length === 1 && claim.entries[0] === path ? '' : ` entries=${claim.entries.join(',')}`,
      ]
      return `${claim.framework} ${claim.protocol} host=${written(claim.host)} port=${written(claim.port)} default=${claim.defaultHost}${marks.join('')}`
    }
    case 'allowed-origins':
      return `${claim.name} ${claim.wildcard ? '* ' : ''}${claim.credentials ? 'credentials ' : ''}${claim.origins.map((origin) => written(origin.text)).join(' ')}`.trim()
    case 'guard-use':
      return `guard ${claim.name} ${claim.entries.join(',')}`
    case 'environment-load':
      return `loads ${claim.files.map(written).join(' ')}${claim.overrides ? ' over' : ''}${claim.relativeTo === undefined ? '' : ` in=${claim.relativeTo}`} ${claim.entries.join(',')}`
    case 'gap':
      return `gap ${claim.code} ${claim.affects.kind}`
    default:
      return claim.claim
  }
}

function lines(evidence: readonly Evidence[]): readonly string[] {
  return evidence.map(({ claim, origin }) => {
    const path = origin.kind === 'file' ? origin.path : '?'
    return `${path}:${origin.kind === 'file' ? origin.span.start.line : 0} ${described(claim, path)}`
  })
}

describe('golden', () => {
  for (const { name, files, expected } of cases()) {
    test(name, () => expect(lines(evidenceOf(files))).toEqual(expected))
  }
})

