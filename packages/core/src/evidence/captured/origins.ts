import * as z from 'zod/mini'
import type { CommandLine } from '../command-line.ts'
import type { Origin, Position, Span } from '../origin.ts'
import type { Decision, Setting, Value } from '../value.ts'
import { type Codec, flag, integer, kinds, list, maybe, name, recursive, shown, told, unsigned, words, record } from './words.ts'

const position: Codec<Position> = record<Position>({ line: unsigned, column: unsigned, offset: unsigned })
const span: Codec<Span> = record<Span>({ start: position, end: position })

export const fileOrigin = z.strictObject({
  kind: z.literal('file'),
  path: name,
  span,
  line: shown,
  root: maybe(name),
})

export const ruleOrigin = z.strictObject({
  kind: z.literal('rule'),
  tool: name,
  table: name,
  chain: name,
  index: integer,
  handle: maybe(integer),
  text: shown,
  file: maybe(fileOrigin),
})

export const origin: Codec<Origin> = kinds('kind', [
  fileOrigin,
  ruleOrigin,
  z.strictObject({ kind: z.literal('kernel'), path: name, line: maybe(shown) }),
  z.strictObject({ kind: z.literal('command'), command: shown, line: maybe(shown) }),
  z.strictObject({ kind: z.literal('api'), call: name, subject: maybe(name) }),
])

const commandLine: Codec<CommandLine> = record<CommandLine>({
  options: list(z.strictObject({ names: list(name), takes: words('nothing', 'one', 'perhaps', 'many'), collects: flag })),
  words: list(z.strictObject({ name, takes: words('one', 'perhaps', 'many') })),
  commands: list(name),
  abbreviations: flag,
  fileMark: maybe(name),
})

export const value: Codec<Value> = recursive(() =>
  kinds('kind', [
    z.strictObject({ kind: z.literal('absent') }),
    z.strictObject({ kind: z.literal('known'), value: z.union([told, z.number(), flag]), origin: fileOrigin }),
    z.strictObject({
      kind: z.literal('environment'),
      name,
      fallback: value,
      emptyIsUnset: flag,
      optional: maybe(z.literal(true)),
      anyCase: maybe(z.literal(true)),
      whenSet: maybe(value),
      origin: fileOrigin,
    }),
    z.strictObject({ kind: z.literal('argument'), name, fallback: value, line: maybe(commandLine), origin: fileOrigin }),
    z.strictObject({ kind: z.literal('joined'), parts: list(value), origin: fileOrigin }),
    z.strictObject({ kind: z.literal('choice'), options: list(value), when: maybe(decision), origin: fileOrigin }),
    z.strictObject({ kind: z.literal('unknown'), reason: told, origin: fileOrigin }),
  ]),
)

const decision: Codec<Decision> = record<Decision>({ of: value, is: maybe(list(told)) })

export const setting: Codec<Setting> = record<Setting>({ value, origin: fileOrigin })
