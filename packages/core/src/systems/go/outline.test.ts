import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sourceTools } from '../../../../cli/src/collect/source.ts'
import { Text } from '../../evidence/index.ts'
import { Node } from '../tree.ts'
import { GoFile } from './file.ts'
import { outlineOf } from './outline.ts'
import { effort } from '../../../test/effort.ts'

const TRICKY = `package p

import ("fmt"; . "net")

type (
	A struct { inner string; f func(a, b int) }
	B = map[string]struct{ C int }
)

var a, b = func() (int, int) { var hidden int; return hidden, 1 }()
var (
	// var commented = 1
	c, d string = "var quoted = (", \`func raw() {\`
	e rune = '('
)

const (
	f = iota
	g
)

func h[T any](x T) (y T) { local := 1; _ = local; return x }
func (r *A) i() {}
func (B) j() {}
/* func no() { */ func k() {}; var l = 1
`

const sources = readdirSync(new URL('golden/', import.meta.url)).flatMap((name) =>
  readFileSync(new URL(`golden/${name}`, import.meta.url), 'utf8')
    .split(/^(?:=== .*|----|### .*)\n/m)
    .filter((text) => text.startsWith('package')),
)

test.each([TRICKY, ...sources].map((source, index) => [index, source] as const))(
  'what the tree declares is in the outline: %i',
  (_, source) => {
    const syntax = sourceTools.parseSource('go', source)
    expect(syntax).toBeDefined()
    if (syntax === undefined) return
    const text = new Text('a.go', source)
    const file = new GoFile(text, new Node(text, syntax))
    const { names, methods } = outlineOf(source)
    expect([...file.declared.keys()].filter((name) => !names.has(name))).toEqual([])
    expect(file.methods.filter(({ name }) => !methods.has(name))).toEqual([])
  },
)

test('what stands in functions, texts and comments is not', () => {
  const { names, methods } = outlineOf(TRICKY)
  for (const name of ['hidden', 'commented', 'quoted', 'raw', 'local', 'no', 'C', 'inner']) expect(names.has(name), name).toBe(false)
  expect([...methods]).toEqual(['i', 'j'])
})

test('it is linear in the text, whatever is open at its end', () => {
  const started = effort()
  for (const piece of ['/*', '"', '`', '(', 'var (', "'\\", 'func ', '𝛼'])
    expect(outlineOf(`package p\n${piece.repeat(200_000)}`)).toBeDefined()
  expect(effort() - started).toBeLessThan(10_000)
})
