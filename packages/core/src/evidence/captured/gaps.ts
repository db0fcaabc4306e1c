import * as z from 'zod/mini'
import type { Gap, GapEffect } from '../gap.ts'
import { type Codec, family, kinds, maybe, name, told, words, record } from './words.ts'

const effect: Codec<GapEffect> = kinds('kind', [
  z.strictObject({ kind: words('nothing', 'processes', 'containers', 'proxy', 'folder') }),
  z.strictObject({ kind: z.literal('sockets'), namespace: maybe(name) }),
  z.strictObject({ kind: z.literal('network'), namespace: name }),
  z.strictObject({ kind: z.literal('netfilter'), namespace: maybe(name), family: maybe(family) }),
])

export const gap: Codec<Gap> = record<Gap>({
  claim: z.literal('gap'),
  code: words('absent', 'denied', 'too-large', 'not-text', 'not-a-file', 'tool-missing', 'not-understood', 'limit', 'empty'),
  what: told,
  remedy: maybe(told),
  affects: effect,
})
