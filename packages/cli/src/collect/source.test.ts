import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { SourceLanguage, SyntaxNode } from '@sallyport/core/systems'
import { sourceTools } from './source.ts'

const kinds = (node: SyntaxNode | undefined): readonly string[] =>
  node === undefined ? [] : [node.kind(), ...node.children().flatMap(kinds)]

test.each<[SourceLanguage, string, string]>([
  ['javascript', 'app.listen(3000)', 'call_expression'],
  ['typescript', 'const port = <number>x', 'type_assertion'],
  ['tsx', 'const page = <p>{port as number}</p>', 'jsx_element'],
  ['python', 'uvicorn.run(app, host="127.0.0.1")', 'keyword_argument'],
  ['python', 'if x: pass', 'if_statement'],
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
