import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nameGlob, pathGlob } from './glob.ts'
import { effort } from '../../test/effort.ts'

describe('paths', () => {
  it.each([
    ['src/a.ts', 'src/a.ts', true],
    ['src/*.ts', 'src/a.ts', true],
    ['src/*.ts', 'src/a/b.ts', false],
    ['examples/**', 'examples/a/b.js', true],
    ['examples/**', 'examples', false],
    ['src/**/*.ts', 'src/a.ts', true],
    ['src/**/*.ts', 'src/a/b/c.ts', true],
    ['src/**/*.ts', 'srca.ts', false],
    ['src/**/c.ts', 'src/a/bc.ts', false],
    ['**/c.ts', 'c.ts', true],
    ['**/c.ts', 'a/c.ts', true],
    ['**/c.ts', 'abc.ts', false],
    ['a**c', 'a/b/c', true],
    ['a***c', 'a/b/c', true],
    ['app/[id]/page.ts', 'app/[id]/page.ts', true],
    ['app/[id]/page.ts', 'app/i/page.ts', false],
    ['a.ts', 'abts', false],
    ['a?', 'ab', false],
    ['(a+)+$', '(a+)+$', true],
    ['\u{1f600}*', '\u{1f600}x', true],
    ['', '', true],
    ['', 'a', false],
  ])('%s and %s: %s', (pattern, path, expected) => {
    expect(pathGlob(pattern).matches(path)).toBe(expected)
  })

  it('as an expression that tries again and again would, on short ones', () => {
    const texts = fc.array(fc.constantFrom('a', 'b', '/', '.'), { maxLength: 8 }).map((parts) => parts.join(''))
    const patterns = fc.array(fc.constantFrom('a', 'b', '/', '.', '*', '**', '/**/'), { maxLength: 6 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(patterns, texts, (pattern, text) => {
        expect(pathGlob(pattern).matches(text)).toBe(expressionOf(pattern).test(text))
      }),
      { numRuns: 20_000 },
    )
  })
})

function expressionOf(pattern: string): RegExp {
  const source = pattern.replace(/\*{2,}|\*|[^*]/g, (part, at: number) => {
    if (part === '*') return '[^/]*'
    if (!part.startsWith('*')) return part === '.' ? '\\.' : part
    const end = at + part.length
    return pattern[end] === '/' && (at === 0 || pattern[at - 1] === '/') ? '\u0001' : '.*'
  })
  return new RegExp(`^${source.replaceAll('\u0001/', '(?:[^/]*/)*')}$`, 's')
}

describe('names', () => {
  it.each([
    ['*.conf', 'a.conf', true],
    ['*.conf', '.a.conf', false],
    ['.*.conf', '.a.conf', true],
    ['[a-c]?', 'bz', true],
    ['[!a-c]', 'b', false],
    ['[[:digit:]]x', '7x', true],
    ['[z-a]', 'b', false],
    ['[a', '[a', true],
    ['[a[b', '[a[b', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
  ])('%s and %s: %s', (pattern, name, expected) => {
    expect(nameGlob(pattern).matches(name)).toBe(expected)
  })

  it('what has no wildcard is itself', () => {
    expect([nameGlob('a\\*b').literal, nameGlob('a*b').literal, pathGlob('a/b').literal]).toEqual(['a*b', undefined, 'a/b'])
  })
})

/** Far more than any of them takes on a busy machine; an expression that tries again would not end. */
const PATIENCE = 3000

it.each([
  ['stars', `${'*a'.repeat(500)}b`, 'a'.repeat(4096)],
  ['double stars', `${'**a'.repeat(330)}b`, 'a/'.repeat(2048)],
  ['directories', `${'**/'.repeat(340)}b`, 'a/'.repeat(2048)],
  ['stars of both kinds', `${'**a*/'.repeat(200)}b`, 'a/'.repeat(2048)],
  ['a star at the end', `${'*'.repeat(1024)}`, `${'a'.repeat(4095)}/`],
])('hostile: %s', (_, pattern, path) => {
  const start = effort()
  pathGlob(pattern).matches(path)
  expect(effort() - start).toBeLessThan(PATIENCE)
})

it.each([
  ['brackets that never close', '['.repeat(100_000)],
  ['a bracket that closes late', `[${'['.repeat(100_000)}]`],
  ['classes that are none', `[${'[:'.repeat(50_000)}`],
])('hostile: %s', (_, pattern) => {
  const start = effort()
  nameGlob(pattern).matches('a'.repeat(255))
  expect(effort() - start).toBeLessThan(PATIENCE)
})
