import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ProxyGuard, Text } from '../../evidence/index.ts'
import { parsePrefix } from '../../network/index.ts'
import {
  ALWAYS,
  allOf,
  anyOf,
  type Condition,
  NEVER,
  negate,
  OPAQUE_CONDITION,
  type PathTest,
  reduce,
  type RequestClass,
  sourcesOf,
} from './condition.ts'
import { handle, type Rule } from './rules.ts'
import { routed } from './routes.ts'

const text = new Text('proxy.conf', 'x'.repeat(600))
const origin = text.origin(0, 1)
const parts = { when: ALWAYS, words: 'a condition', origin }
const NOTHING = { kind: 'none', origin } as const
const EVERYTHING: RequestClass = { path: { kind: 'prefix', path: '' } }

const from = (...texts: readonly string[]): Condition => ({ kind: 'sources', any: texts.flatMap((text) => parsePrefix(text) ?? []) })
const below = (path: string): Condition => ({ kind: 'paths', any: [{ kind: 'prefix', path }] })
const answer = (status: number, when: Condition = ALWAYS): Rule => ({
  ...parts,
  when,
  does: 'end',
  action: { kind: 'return', status, origin: text.origin(status, status + 1) },
  headers: [],
})
const refuse = (when: Condition = ALWAYS): Rule => ({ ...parts, when, does: 'refuse', status: 403 })
const accept = (when: Condition): Rule => ({ ...parts, when, does: 'accept' })
const access = (...rules: readonly Rule[]): Rule => ({ ...parts, does: 'access', rules })

const words = (guard: ProxyGuard): string =>
  guard.guard === 'addresses'
    ? guard.rules.map(({ action, from: range }) => `${action} ${range === 'all' ? 'all' : 'some'}`).join(', ')
    : guard.guard

describe('conditions', () => {
  const path = fc.constantFrom('/', '/a', '/a/', '/a/b', '/ab', '/c')
  const pathTest = fc.record({ kind: fc.constantFrom('exact' as const, 'prefix' as const), path })
  const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 4 },
      fc.constant(ALWAYS),
      fc.constant(NEVER),
      fc.array(pathTest, { maxLength: 3 }).map((any): Condition => ({ kind: 'paths', any })),
      tie('condition').map((of): Condition => ({ kind: 'not', of })),
      fc
        .tuple(fc.constantFrom('all' as const, 'any' as const), fc.array(tie('condition'), { maxLength: 3 }))
        .map(([kind, of]): Condition => ({ kind, of })),
    ),
  }))

  /** What the condition says of one path, asked directly. */
  function holds(one: Condition, asked: string): boolean {
    if (one.kind === 'constant') return one.holds
    if (one.kind === 'paths') return one.any.some((each) => (each.kind === 'exact' ? each.path === asked : asked.startsWith(each.path)))
    if (one.kind === 'not') return !holds(one.of, asked)
    if (one.kind === 'all') return one.of.every((each) => holds(each, asked))
    return one.kind === 'any' && one.of.some((each) => holds(each, asked))
  }

  test('of a class are decided as those of each of its paths', () => {
    fc.assert(
      fc.property(condition, pathTest, (one, test: PathTest) => {
        const found = reduce(one, { path: test })
        expect(found.kind).toBe('constant')
        // A path that no test names, below that of a prefix, is in the class; of an exact one it is itself.
        const asked = test.kind === 'exact' ? test.path : `${test.path}~`
        if (found.kind === 'constant') expect(found.holds).toBe(holds(one, asked))
      }),
      { numRuns: 2000 },
    )
  })

  test('what is not known stays what it is, unless the rest decides', () => {
    expect(reduce(allOf(OPAQUE_CONDITION, NEVER), EVERYTHING)).toBe(NEVER)
    expect(reduce(anyOf(OPAQUE_CONDITION, ALWAYS), EVERYTHING)).toBe(ALWAYS)
    expect(reduce(allOf(OPAQUE_CONDITION, ALWAYS), EVERYTHING)).toBe(OPAQUE_CONDITION)
    expect(reduce(negate(OPAQUE_CONDITION), EVERYTHING)).toEqual({ kind: 'not', of: OPAQUE_CONDITION })
  })

  test('sources, as far as they are a set or what is outside of one', () => {
    expect(sourcesOf(negate(anyOf(from('10.0.0.0/8'), from('192.0.2.1'))))).toMatchObject({ holdsFor: 'others', ranges: [{}, {}] })
    expect(sourcesOf(allOf(negate(from('10.0.0.0/8')), negate(from('192.0.2.1'))))).toMatchObject({ holdsFor: 'others', ranges: [{}, {}] })
    expect(sourcesOf({ kind: 'all', of: [from('10.0.0.0/8'), from('192.0.2.1')] })).toBeUndefined()
    expect(sourcesOf({ kind: 'any', of: [from('10.0.0.0/8'), OPAQUE_CONDITION] })).toBeUndefined()
  })
})

describe('rules', () => {
  const guards = (...rules: readonly Rule[]): readonly string[] => handle(rules, EVERYTHING, NOTHING).guards.map(words)

  test('E5 · the first end is the end, and what comes behind it is nothing', () => {
    expect(handle([answer(200), answer(500), refuse()], EVERYTHING, NOTHING)).toMatchObject({
      action: { status: 200 },
      guards: [],
      nested: [],
    })
    expect(handle([], EVERYTHING, NOTHING).action).toBe(NOTHING)
  })

  test('E5 · a refusal by address is a guard, of others or of these', () => {
    expect(guards(refuse(negate(from('10.0.0.0/8'))), answer(200))).toEqual(['allow some, deny all'])
    expect(guards(refuse(from('10.0.0.0/8')), answer(200))).toEqual(['deny some'])
    expect(guards(access(accept(from('10.0.0.0/8')), refuse()), answer(200))).toEqual(['allow some, deny all'])
    expect(guards(access(accept(from('10.0.0.0/8')), refuse(from('10.0.0.0/4')), accept(ALWAYS), refuse()))).toEqual([
      'allow some, deny some',
    ])
  })

  test('C4 · a refusal under a condition that is not known is no guard that holds', () => {
    expect(guards(refuse(OPAQUE_CONDITION), answer(200))).toEqual(['unknown'])
    expect(guards(access(accept(OPAQUE_CONDITION), refuse(negate(from('10.0.0.0/8')))))).toEqual(['unknown'])
  })

  test('C4 · behind a condition that is not known both ways stay', () => {
    const handling = handle([answer(200, OPAQUE_CONDITION), answer(404)], EVERYTHING, NOTHING)
    expect(handling).toMatchObject({ action: { status: 404 }, nested: [{ match: { kind: 'undecided' }, action: { status: 200 } }] })
  })

  test('a block for some addresses keeps the others out of it, and of one group one block is entered', () => {
    const block = (when: Condition, status: number): Rule => ({ ...parts, when, does: 'block', group: 'g', rules: [answer(status)] })
    const handling = handle([block(from('10.0.0.0/8'), 200), refuse()], EVERYTHING, NOTHING)
    expect(handling.nested[0]?.guards.map(words)).toEqual(['allow some, deny all'])
    const passing: Rule = { ...parts, does: 'block', group: 'g', rules: [] }
    expect(handle([passing, block(ALWAYS, 200)], EVERYTHING, NOTHING).action).toBe(NOTHING)
  })

  test('a password that is asked for', () => {
    expect(guards(refuse(negate({ kind: 'signed-in' })), answer(200))).toEqual(['basic-auth'])
  })
})

describe('routes', () => {
  const names = [{ kind: 'catch-all', origin }] as const

  test('E5 · each path and each host that a rule asks for, and the rest', () => {
    const host: Condition = { kind: 'hosts', any: [{ kind: 'exact', name: 'a.example' }] }
    const [a, others] = routed([answer(201, allOf(host, below('/x'))), answer(202, below('/x/y')), answer(203)], names, NOTHING)
    expect(a).toMatchObject({
      names: [{ name: 'a.example' }],
      routes: [{ match: { path: '/x' }, action: { status: 201 } }],
      rest: { action: { status: 203 } },
    })
    expect(others).toMatchObject({ names: [{ kind: 'catch-all' }], rest: { action: { status: 203 } } })
    expect(others?.routes.map(({ match, action }) => [match, action.kind === 'return' ? action.status : 0])).toEqual([
      [{ kind: 'prefix', path: '/x/y' }, 202],
    ])
  })

  test('a name that the server does not answer for is none of its own', () => {
    const host: Condition = { kind: 'hosts', any: [{ kind: 'exact', name: 'b.example' }] }
    const own = [{ kind: 'exact', name: 'a.example', origin }] as const
    expect(routed([answer(200, host)], own, NOTHING)).toMatchObject([{ names: own, rest: { action: { kind: 'none' } } }])
  })
})
