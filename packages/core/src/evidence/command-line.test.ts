import { describe, expect, test } from 'vitest'
import { type CommandLine, readLine } from './command-line.ts'
import { resolveValue } from './resolve.ts'
import type { Setting, Value } from './value.ts'
import { Text } from './text.ts'

const origin = new Text('run.sh', 'x').origin(0, 1)
const known = (value: string): Value => ({ kind: 'known', value, origin })
const setting = (value: Value): Setting => ({ value, origin })
const HOST: CommandLine = {
  options: [
    { names: ['-H', '--host'], takes: 'one', collects: false },
    { names: ['-v', '--verbose'], takes: 'nothing', collects: false },
    { names: ['--bind'], takes: 'many', collects: false },
    { names: ['--also'], takes: 'one', collects: true },
    { names: ['--color'], takes: 'perhaps', collects: false },
    { names: ['--hot'], takes: 'nothing', collects: false },
  ],
  words: [
    { name: 'ADDRESS', takes: 'perhaps' },
    { name: 'FILE', takes: 'one' },
  ],
  commands: ['serve'],
  abbreviations: true,
  fileMark: '@',
}

function given(name: string, words: readonly string[], line: CommandLine = HOST): string {
  const { given: found, unclear } = readLine(
    line,
    words.map((text) => ({ text, setting: setting(known(text)) })),
  )
  const shown = (found.get(name) ?? []).map(({ value }) => (value.kind === 'known' ? String(value.value) : value.kind)).join()
  return unclear === undefined ? shown : `${shown}?`
}

test('C4 · a command without a name is none, where nothing or a word that is not known stands', () => {
  const nameless = { ...HOST, commands: [''] }
  expect(given('FILE', [], nameless)).toBe('')
  expect(given('FILE', ['a'], nameless)).toBe('a')
})

describe('C4 · a command line as the program takes it apart', () => {
  test.each([
    ['--host', ['--host', '0.0.0.0'], '0.0.0.0'],
    ['--host', ['--host=0.0.0.0'], '0.0.0.0'],
    ['--host', ['-H0.0.0.0'], '0.0.0.0'],
    ['-H', ['-vH=0.0.0.0'], '0.0.0.0'],
    ['--host', ['-vH', '0.0.0.0'], '0.0.0.0'],
    ['--verbose', ['-vH', '0.0.0.0'], 'true'],
    ['--host', ['--hos', '0.0.0.0'], '0.0.0.0'],
    ['--host', ['--ho', '0.0.0.0'], '?'],
    ['--host', ['--host', '127.0.0.1', '--host', '0.0.0.0'], '0.0.0.0'],
    ['--also', ['--also', 'a', '--also', 'b'], 'a,b'],
    ['--bind', ['--bind', 'a', 'b', '-v', 'c'], 'a,b'],
    ['--color', ['--color', '-v'], 'true'],
    ['--host', ['@arguments'], '?'],
    ['--host', ['--', '--host', '0.0.0.0'], ''],
    ['FILE', ['a'], 'a'],
    ['ADDRESS', ['a'], ''],
    ['ADDRESS', ['-v', 'a', '--host', 'x', 'b'], 'a'],
    ['ADDRESS', ['serve', 'a', 'b'], 'a'],
    ['ADDRESS', ['--', '-a', 'b'], '-a'],
    ['ADDRESS', ['-1', 'b'], '-1'],
  ] as const)('%s of %j is %s', (name, words, expected) => {
    expect(given(name, words)).toBe(expected)
  })

  test('where no abbreviations are taken, one is another option', () => {
    expect(given('--host', ['--hos', '0.0.0.0'], { ...HOST, abbreviations: false })).toBe('')
  })

  test('a word that is not known may be any option, but not where an option takes it', () => {
    const word = { text: undefined, setting: setting({ kind: 'unknown', reason: 'r', origin }) }
    const text = (one: string): { text: string; setting: Setting } => ({ text: one, setting: setting(known(one)) })
    expect(readLine(HOST, [text('--host'), word]).unclear).toBeUndefined()
    expect(readLine(HOST, [word]).unclear).toBe(word.setting)
  })
})

describe('C4 · what an argument is at start', () => {
  const host: Value = { kind: 'argument', name: '--host', line: HOST, fallback: known('127.0.0.1'), origin }
  const at = (...words: readonly Value[]): readonly string[] =>
    resolveValue(host, {
      environment: new Map([['SET', setting(known('0.0.0.0'))]]),
      arguments: new Map(words.map((word, index) => [`argv[${index + 1}]`, setting(word)])),
    }).map((one) => (one.kind === 'known' ? String(one.value) : one.kind))
  const variable = (name: string): Value => ({ kind: 'environment', name, fallback: { kind: 'absent' }, emptyIsUnset: false, origin })

  test('nothing is given', () => {
    expect(at()).toEqual(['127.0.0.1'])
    expect(at(known('-v'))).toEqual(['127.0.0.1'])
  })

  test('words and variables', () => {
    expect(at(known('--hos'), known('0.0.0.0'))).toEqual(['0.0.0.0'])
    expect(at(known('--host'), variable('SET'))).toEqual(['0.0.0.0'])
    expect(at({ kind: 'joined', parts: [known('--host='), variable('SET')], origin })).toEqual(['0.0.0.0'])
  })

  test('a variable that nothing sets may be no word, or any; as the value of an option it decides', () => {
    expect(at(variable('EXTRA'))).toEqual(['127.0.0.1', 'unknown'])
    expect(at(known('--host'), variable('EXTRA'))).toEqual(['absent'])
    expect(at({ kind: 'joined', parts: [known('--host='), variable('EXTRA')], origin })).toEqual(['absent'])
  })

  test('words that are not known may say anything', () => {
    expect(at({ kind: 'unknown', reason: 'r', origin })).toEqual(['unknown'])
    expect(at(known('--host'), known('127.0.0.1'), { kind: 'unknown', reason: 'r', origin })).toEqual(['127.0.0.1', 'unknown'])
  })
})
