import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { SourceLanguage, SyntaxNode } from '@sallyport/core/systems'
import { sourceTools } from './source.ts'
import { looksEndless } from './trial.ts'

const kinds = (node: SyntaxNode | undefined): readonly string[] =>
  node === undefined ? [] : [node.kind(), ...node.children().flatMap(kinds)]

test.each<[SourceLanguage, string, string]>([
  ['javascript', 'app.listen(3000)', 'call_expression'],
  ['typescript', 'const port = <number>x', 'type_assertion'],
  ['tsx', 'const page = <p>{port as number}</p>', 'jsx_element'],
  ['python', 'uvicorn.run(app, host="127.0.0.1")', 'keyword_argument'],
  ['python', 'if x: pass', 'if_statement'],
  ['go', 'package main\nfunc main() { http.ListenAndServe(":80", nil) }', 'selector_expression'],
])('%s is parsed: %s', (language, text, expected) => {
  expect(kinds(sourceTools.parseSource(language, text))).toContain(expected)
})

test('offsets are code units of the text, whatever stands before', () => {
  const text = '// é😀\nlisten(1)'
  const call = sourceTools.parseSource('javascript', text)?.children().at(-1)
  const { start, end } = call?.range() ?? { start: { index: -1 }, end: { index: -1 } }
  expect(text.slice(start.index, end.index)).toBe('listen(1)')
  expect(call?.text()).toBe('listen(1)')
})

test.each(['', '\0', '((((', '`${', '\ud800', '"'.repeat(1_000)])('malformed source gives a tree: %j', (text) => {
  expect(sourceTools.parseSource('typescript', text)?.kind()).toBe('program')
})

describe('C4 · source that would keep the parser busy', () => {
  test.each<[SourceLanguage, string]>([
    ['javascript', `x = [{ a: 1 },${'}-'.repeat(20_000)}`],
    ['python', `x = [${'-,'.repeat(20_000)}`],
    ['go', `package p\nvar x = f(${'-,'.repeat(20_000)}`],
  ])('%s is given up', (language, text) => {
    const started = performance.now()
    expect(sourceTools.parseSource(language, text)).toBeUndefined()
    expect(performance.now() - started).toBeLessThan(20_000)
  })

  test.each([
    ['what closes and was not opened', (index: number) => `a${(index * 7919).toString(36)}) `],
    ['operators before what ends', (index: number) => `${(index * 7919).toString(36)} -, `],
    ['one thing over and over', () => "a = ' b'; "],
  ])('%s is tried first', (_, piece) => {
    const text = Array.from({ length: 600 }, (_item, index) => piece(index)).join('')
    expect(looksEndless(text)).toBe(true)
  })

  test('source of people is parsed at once', () => {
    const here = readFileSync(fileURLToPath(new URL('source.ts', import.meta.url)), 'utf8')
    for (const text of [
      here,
      here.repeat(40).slice(0, 3000),
      `const table = [${Array.from({ length: 3000 }, (_, index) => `-${index * index}`).join(', ')}]`,
    ])
      expect(looksEndless(text)).toBe(false)
  })

  test('a text that repeats itself and is right is parsed all the same', () => {
    const text = `const table = [${'0, '.repeat(20_000)}]\nlisten(1)`
    expect(looksEndless(text)).toBe(true)
    expect(kinds(sourceTools.parseSource('javascript', text))).toContain('call_expression')
  })
})

test('nothing native is loaded before something is parsed', () => {
  const script = `
    const loaded = []
    const { dlopen } = process
    process.dlopen = (...given) => { loaded.push(given[1]); return dlopen.apply(process, given) }
    const { sourceTools } = await import(${JSON.stringify(new URL('source.ts', import.meta.url).href)})
    const before = loaded.length
    sourceTools.parseSource('javascript', 'x')
    console.log(before, loaded.length > 0)`
  const output = execFileSync(process.execPath, ['--conditions=source', '--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    encoding: 'utf8',
  })
  expect(output.trim()).toBe('0 true')
})
