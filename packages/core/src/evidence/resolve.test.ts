import { describe, expect, test } from 'vitest'
import { ABSENT, resolveValue, type Setting, Text, type Value } from './index.ts'
import { effort } from '../../test/effort.ts'

const text = new Text('start.sh', 'HOST=${HOST:-0.0.0.0}')
const origin = text.origin(5, 21)
const known = (value: string): Value => ({ kind: 'known', value, origin })
const environment = (name: string, fallback: Value = ABSENT): Value => ({ kind: 'environment', name, fallback, emptyIsUnset: true, origin })
const set = (...settings: readonly (readonly [string, Value])[]): ReadonlyMap<string, Setting> =>
  new Map(settings.map(([name, value]) => [name, { value, origin }]))

function resolve(value: Value, settings: ReadonlyMap<string, Setting>): readonly string[] {
  return resolveValue(value, { environment: settings, arguments: new Map() }).map((given) =>
    given.kind === 'known' ? String(given.value) : given.kind === 'absent' ? `absent ${given.unset ?? ''}` : `unknown: ${given.reason}`,
  )
}

describe('values with their surroundings put in', () => {
  test('E8 · a variable that is set from itself with a fallback has the fallback', () => {
    expect(resolve(environment('HOST', known('127.0.0.1')), set(['HOST', environment('HOST', known('0.0.0.0'))]))).toEqual(['0.0.0.0'])
  })

  test('a variable that is set from itself alone falls back where it is read', () => {
    expect(resolve(environment('HOST', known('127.0.0.1')), set(['HOST', environment('HOST')]))).toEqual(['127.0.0.1'])
    expect(resolve(environment('HOST'), set(['HOST', environment('HOST')]))).toEqual(['absent HOST'])
  })

  test('a condition on a variable or argument decides between two values; a variable that nothing sets leaves both open', () => {
    const production: Value = {
      kind: 'choice',
      options: [known('127.0.0.1'), known('0.0.0.0')],
      when: { of: environment('NODE_ENV'), is: ['production', 'prod'] },
      origin,
    }
    expect(resolve(production, set(['NODE_ENV', known('production')]))).toEqual(['127.0.0.1'])
    expect(resolve(production, set(['NODE_ENV', known('development')]))).toEqual(['0.0.0.0'])
    expect(resolve(production, set())).toEqual(['127.0.0.1', '0.0.0.0'])
    expect(resolve(production, set(['NODE_ENV', { kind: 'unknown', reason: 'typed in', origin }]))).toEqual(['127.0.0.1', '0.0.0.0'])
    const asked: Value = {
      ...production,
      when: { of: { kind: 'argument', name: '--mode', fallback: { kind: 'absent' }, origin }, is: ['prod'] },
    }
    expect(resolve(asked, set())).toEqual(['0.0.0.0'])
    const flag: Value = { ...production, when: { of: environment('LAN') } }
    expect(resolve(flag, set(['LAN', { kind: 'known', value: true, origin }]))).toEqual(['127.0.0.1'])
    expect(resolve(flag, set(['LAN', known('')]))).toEqual(['0.0.0.0'])
    expect(resolve(flag, set(['LAN', known('false')]))).toEqual(['127.0.0.1'])
  })

  test('variables that are set from one another end', () => {
    const settings = set(['A', environment('B', known('from B'))], ['B', environment('A', known('from A'))])
    expect(resolve(environment('A'), settings)).toEqual(['from A'])
  })

  test('a longer chain is not followed for ever', () => {
    const settings = set(...Array.from({ length: 40 }, (_, index): [string, Value] => [`V${index}`, environment(`V${index + 1}`)]))
    expect(resolve(environment('V0'), settings)).toEqual([expect.stringContaining('unknown')])
  })

  test('C4 · variables that grow with every step are undecided, and soon', () => {
    const joined = (name: string, times: number): Value => ({
      kind: 'joined',
      parts: Array.from({ length: times }, () => environment(name)),
      origin,
    })
    const choice = (name: string, times: number): Value => ({
      kind: 'choice',
      options: Array.from({ length: times }, () => environment(name)),
      origin,
    })
    const chain = (make: (name: string, times: number) => Value, last: string): ReadonlyMap<string, Setting> =>
      set(...Array.from({ length: 14 }, (_, index): [string, Value] => [`V${index}`, make(`V${index + 1}`, 16)]), ['V14', known(last)])
    const before = effort()
    expect(resolve(environment('V0'), chain(joined, 'x'.repeat(5000)))).toEqual(['unknown: the text is too long'])
    expect(resolve(environment('V0'), chain(joined, ''))).toEqual([expect.stringContaining('unknown: too many')])
    expect(resolve(environment('V0'), chain(choice, 'x'))).toContain('unknown: too many possible values')
    expect(effort() - before).toBeLessThan(2000)
  })
})
