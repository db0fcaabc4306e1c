import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Text } from '../../evidence/index.ts'
import { readShell } from './walk.ts'

const piece = fc.oneof(
  fc.constantFrom('a', 'b1', '--host', '0.0.0.0', '-', '=', '.', '/', ',', ':', '%', '@', '+', 'é'),
  fc.stringMatching(/^[a-z $\\"#*;&|<>()]{0,6}$/).map((text) => `'${text}'`),
  fc.stringMatching(/^[a-z '#*;&|<>()]{0,6}$/).map((text) => `"${text}"`),
  fc.constantFrom('\\ ', '\\"', "\\'", '\\\\', '\\$', '\\;', '\\a', '\\\n', '"\\a"', '"\\$x"', '"\\\\"', '"\\\n"', "$'a\\tb'", "''", '""'),
  fc.constantFrom(
    '${A}',
    '"$A"',
    '${B}',
    '"$B"',
    '${NONE}',
    '"$NONE"',
    '${NONE:-d e}',
    '"${NONE:-d e}"',
    '${A:-d}',
    '${EMPTY:-d}',
    '${EMPTY-d}',
    '${A:+w}',
    '${NONE:+w}',
    "${NONE:-'x y'}",
  ),
)
const word = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(''))
const command = fc.array(word, { maxLength: 5 }).map((words) => words.join(' '))

/** What bash itself makes of the words. */
function bash(words: string): readonly string[] {
  const output = execFileSync(
    'bash',
    ['--noprofile', '--norc', '-f', '-c', `A=a1; B='x  y'; EMPTY=; unset NONE\nprintf '%s\\0' end ${words}`],
    { encoding: 'utf8', env: {} },
  )
  return output.split('\0').slice(1, -1)
}

function ours(words: string): readonly string[] {
  const { commands, problems } = readShell(new Text('x.sh', `A=a1; B='x  y'; EMPTY=; NONE=\nprint end ${words}`))
  expect(problems).toEqual([])
  expect(commands).toHaveLength(1)
  return (commands[0]?.words ?? []).slice(2).map((item) => (item.text.kind === 'known' ? String(item.text.value) : item.text.kind))
}

test('E2 · words come to what bash makes of them', () => {
  // `#` begins a comment only where a word could: both sides are given the same text.
  fc.assert(
    fc.property(command, (words) => {
      expect(ours(words)).toEqual(bash(words))
    }),
    { numRuns: 400, seed: 20260101 },
  )
}, 120_000)
