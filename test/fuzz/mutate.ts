/** A number from 0 up to and without `below`; 0 where `below` is less than 1. */
export type Random = (below: number) => number

/** A generator of its own (xorshift32), so that a seed gives the same inputs everywhere. */
export function random(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e37_79b1) | 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % Math.max(below, 1)
  }
}

/** What a text is mutated with, beside itself. */
export interface Material {
  /** Words of the format, from the corpus. */
  readonly tokens: readonly string[]
  /** Another input of the same reader, for splices. */
  readonly other: string
}

/** No mutated text is longer, in UTF-16 code units: what is large has tests of its own. */
const LONGEST = 20_000

/** What upsets tokenizers, terminals, decoders and number readers. */
const ODD: readonly string[] = [
  ...Array.from('"\'`\\$(){}[]<>;:=#-&*!|%@,?/~^+. 0'),
  ...[
    '${',
    '$(',
    '/*',
    '*/',
    '<!--',
    '"""',
    "'''",
    '//',
    '::',
    '..',
    '--',
    '<<',
    '&&',
    '||',
    '=>',
    '-0',
    '65536',
    '99999999999',
    '1e999',
    '0x',
    'NaN',
  ],
  ...['\n', '\r\n', '\r', '\t', '\v', '\f', '\u0000', '\u001b[2J', '\u0085', '\u00a0', '\u2028', '\u2029', '\ufeff', '\u202e', '\u200b'],
  ...['\ud800', '\udfff', '\u{1f4a5}', '\u{e0041}', 'ﬀ', 'İ', 'ß', '\u0301', '\uffff', '\ue000', '٣'],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'undefined',
    'null',
    'true',
    '0.0.0.0',
    '[::]',
    '127.0.0.1',
    '::ffff:127.0.0.1',
    'localhost',
  ],
]

/** What begins, ends or changes the meaning of the rest in some format. */
const PHRASES: readonly string[] = [
  ...['services:', 'ports:', '<<: *a', '&a ', '*a', '!reset', '!override', ':-', 'extends: ', 'include:', '- "80:80"', '|', '>', '---'],
  ...['FROM a', 'AS b', 'COPY --from=build', 'CMD [', '"]', '\\\n', 'ENV A=', '<<EOF', 'ARG ', 'WORKDIR ..', '# escape=`'],
  ...['[Service]', 'ExecStart=', 'Environment=', 'EnvironmentFile=-', '%i', '\\x', ' ; ', '[Socket]', 'ListenStream='],
  ...[
    'if',
    'then',
    'fi',
    'do',
    'done',
    'case',
    'esac',
    'for x in',
    'while',
    '$((',
    ';;',
    'cd ..',
    '. ./a.sh',
    'eval ',
    'export ',
    'set -a',
  ],
  ...['param(', '@(', '@{', '@"\n', '\n"@', '$env:HOST', '-join ', ' -f ', '<#', '#>', '`\n', 'iex ', 'cmd /c ', 'Start-Process '],
  ...['module.exports', 'apps:', '...', 'require("./a.js")', 'process.env.', '({', '})', '[...', 'const a = a', 'function', '?.', 'await '],
  ...[
    'server {',
    'location ~ (',
    'listen [',
    'include nginx.conf;',
    'proxy_pass http://$x;',
    '_by_lua_block {',
    '# configuration file /a:\n',
  ],
  ...[
    'lambda: ',
    'f"{',
    'from . import *\n',
    'global host\n',
    '__init__',
    'self.',
    '    ',
    'import main\n',
    '"scripts":',
    'npm run a',
    'web: ',
  ],
  ...['-A ', '-j ', '! ', '-m ', '--dport ', 'COMMIT', '*nat', ':INPUT ', '/33', '{"match":', '[[', '"@x"', '### tuple ### '],
]

const PAIRS: readonly (readonly [string, string])[] = [
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
  ['${', '}'],
  ['$(', ')'],
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['<', '>'],
  ['{"a":', '}'],
  ['- ', ''],
  ['  ', ''],
  ['if (', ')'],
  ['not ', ''],
  ['!', ''],
]

type Mutation = (text: string, next: Random, material: Material) => string

const pick = <T>(list: readonly T[], next: Random, otherwise: T): T => list[next(list.length)] ?? otherwise

/** A place and a length: mostly short, at times long. */
function part(text: string, next: Random): readonly [start: number, end: number] {
  const start = next(text.length + 1)
  return [start, Math.min(text.length, start + next(next(4) === 0 ? 400 : 12))]
}

const put = (text: string, start: number, end: number, inserted: string): string => text.slice(0, start) + inserted + text.slice(end)

/** Replaces one word of the text by another, from wherever. */
function swapWord(text: string, next: Random, other: string): string {
  const from = next(text.length)
  const word = /[\w.]+/g
  word.lastIndex = from
  const found = word.exec(text)
  return found === null ? text : put(text, found.index, found.index + found[0].length, other)
}

/** How often something is repeated: mostly a few times, now and then very often. */
const times = (next: Random): number => (next(24) === 0 ? 1 + next(4000) : 1 + next(20))

const MUTATIONS: readonly Mutation[] = [
  // A flipped bit of one character; one that makes it no byte of ASCII is found, too.
  (text, next) => {
    const at = next(text.length)
    return put(text, at, at + 1, String.fromCharCode(text.charCodeAt(at) ^ (1 << next(8))))
  },
  (text, next) => put(text, ...part(text, next), ''),
  (text, next) => text.slice(0, next(text.length + 1)),
  (text, next) => text.slice(next(text.length + 1)),
  (text, next) => {
    const [start, end] = part(text, next)
    return put(text, start, start, text.slice(start, end).repeat(times(next)))
  },
  (text, next) => {
    const [start, end] = part(text, next)
    const to = next(text.length + 1)
    return put(text, to, to, text.slice(start, end))
  },
  (text, next) => put(text, ...part(text, next), pick(ODD, next, '')),
  (text, next) => {
    const at = next(text.length + 1)
    return put(text, at, at, pick(ODD, next, ''))
  },
  (text, next, { tokens }) => {
    const at = next(text.length + 1)
    return put(text, at, at, pick(tokens, next, ''))
  },
  (text, next) => {
    const at = next(text.length + 1)
    return put(text, at, at, pick(PHRASES, next, ''))
  },
  (text, next, { tokens }) => swapWord(text, next, pick(tokens, next, '')),
  (text, next) => swapWord(text, next, /[\w.]+/.exec(text.slice(next(text.length)))?.[0] ?? ''),
  // The first part of one input, the last of another.
  (text, next, { other }) => text.slice(0, next(text.length + 1)) + other.slice(next(other.length + 1)),
  (text, next, { other }) => {
    const at = next(text.length + 1)
    return put(text, at, at, other.slice(...part(other, next)))
  },
  // Brackets around brackets, closed or not.
  (text, next) => {
    const [open, close] = pick(PAIRS, next, ['', ''])
    const [start, end] = part(text, next)
    const count = times(next)
    return put(text, start, end, open.repeat(count) + text.slice(start, end) + (next(2) === 0 ? close.repeat(count) : ''))
  },
  // A line without an end.
  (text, next) => {
    const at = next(text.length + 1)
    const piece = text.slice(at, at + 1 + next(8)) || 'x'
    return put(text, at, at, piece.repeat(1 + next(Math.ceil(8000 / piece.length))))
  },
  (text) => text.replaceAll('\n', ' '),
  (text) => text.replaceAll(/\r?\n/g, '\r\n'),
  (text) => text.replaceAll(/\r?\n/g, '\r'),
  (text) => `\ufeff${text}`,
  (text, next) => text.replaceAll(' ', pick(['\t', '\u00a0', '  ', '\u0000', ''], next, ' ')),
  // Every line deeper than the one before.
  (text) => {
    const lines = text.split('\n', 200)
    return lines.map((line, index) => ' '.repeat(index) + line).join('\n')
  },
  (text, next) => {
    const lines = text.split('\n')
    const line = lines.splice(next(lines.length), 1)
    lines.splice(next(lines.length + 1), 0, ...line)
    return lines.join('\n')
  },
]

/** What a value of JSON is replaced by. */
const VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  0.5,
  1e300,
  65_536,
  '',
  '0.0.0.0',
  '::/0',
  '\u0000',
  [],
  {},
  [[]],
  [null],
  { __proto__: 1 },
  '\ud800',
]

/** A copy in which one value is another, is gone, or is within ever more lists. */
function mutateJson(value: unknown, next: Random): unknown {
  if (typeof value === 'object' && value !== null && next(8) > 0) {
    const keys = Object.keys(value)
    const key = pick(keys, next, '')
    const inner: unknown = (value as Record<string, unknown>)[key]
    const entries = Object.entries(value).flatMap(([name, item]): [string, unknown][] => {
      if (name !== key) return [[name, item]]
      return next(8) === 0 ? [] : [[next(16) === 0 ? pick(keys, next, key) : name, mutateJson(inner, next)]]
    })
    return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries)
  }
  if (next(6) > 0) return pick<unknown>(VALUES, next, null)
  let nested = value
  for (let count = times(next); count > 0; count--) nested = next(2) === 0 ? [nested] : { a: nested }
  return nested
}

/** `undefined`: it is nested more deeply than JSON.stringify goes. */
function jsonText(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Of a long text, mostly a part: as good, and quicker. */
function window(text: string, next: Random): string {
  if (text.length < 6000 || next(8) === 0) return text
  const lines = text.split('\n')
  const from = next(3) === 0 ? 0 : next(lines.length)
  return lines.slice(from, from + 60).join('\n')
}

/** The text after one to four mutations. JSON stays JSON every other time, since what is none is told at once. */
export function mutate(text: string, next: Random, material: Material): string {
  const json: unknown = /^\s*[[{]/.test(text) ? jsonOf(text) : undefined
  if (json !== undefined && next(2) === 0) {
    let mutated: unknown = json
    for (let count = next(4); count >= 0; count--) mutated = mutateJson(mutated, next)
    return jsonText(mutated) ?? text
  }
  let result = json === undefined ? window(text, next) : text
  for (let count = next(4); count >= 0; count--) result = pick(MUTATIONS, next, (same) => same)(result, next, material).slice(0, LONGEST)
  return result
}
