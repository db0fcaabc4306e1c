import * as z from 'zod/mini'
import type {
  AllowedOrigins,
  EnvironmentChoice,
  EnvironmentLoad,
  FileChange,
  FirewallCommand,
  GuardUse,
  MissingImport,
  ScriptProblem,
  Secret,
  Variable,
} from '../files.ts'
import { fileOrigin, value } from './origins.ts'
import { word } from './starts.ts'
import { type Codec, flag, integer, list, maybe, name, portRange, protocol, shown, told, words, record } from './words.ts'

const variable: Codec<Variable> = record<Variable>({ claim: z.literal('variable'), file: name, name, value })

const firewallCommand: Codec<FirewallCommand> = record<FirewallCommand>({
  claim: z.literal('firewall-command'),
  tool: name,
  command: list(word),
  problem: maybe(z.strictObject({ code: words('host-name', 'syntax'), word: told, explanation: told })),
  rule: maybe(
    z.strictObject({
      action: words('allow', 'deny', 'reject', 'limit'),
      ports: maybe(portRange),
      protocol: maybe(protocol),
      from: maybe(told),
    }),
  ),
})

const scriptProblem: Codec<ScriptProblem> = record<ScriptProblem>({
  claim: z.literal('script-problem'),
  code: words('powershell-host-parameter'),
  word: told,
  explanation: told,
})

const allowedOrigins: Codec<AllowedOrigins> = record<AllowedOrigins>({
  claim: z.literal('allowed-origins'),
  name,
  origins: list(z.strictObject({ text: value, origin: fileOrigin })),
  wildcard: flag,
  credentials: flag,
  under: maybe(z.strictObject({ test: shown, holds: flag })),
})

const guardUse: Codec<GuardUse> = record<GuardUse>({ claim: z.literal('guard-use'), name, entries: list(name) })

const missingImport: Codec<MissingImport> = record<MissingImport>({
  claim: z.literal('missing-import'),
  path: name,
  isForEffect: flag,
  entries: list(name),
})

const environmentLoad: Codec<EnvironmentLoad> = record<EnvironmentLoad>({
  claim: z.literal('environment-load'),
  files: list(value),
  overrides: flag,
  relativeTo: maybe(words('folder')),
  isDone: maybe(value),
  readBefore: maybe(list(z.strictObject({ path: name, line: integer, perhaps: maybe(z.literal(true)) }))),
  entries: list(name),
})

const environmentChoice: Codec<EnvironmentChoice> = record<EnvironmentChoice>({
  claim: z.literal('environment-choice'),
  file: name,
  environmentName: name,
})

const fileChange: Codec<FileChange> = record<FileChange>({ claim: z.literal('file-change'), file: name, lines: maybe(list(integer)) })

const secret: Codec<Secret> = record<Secret>({
  claim: z.literal('secret'),
  name,
  problem: words('committed', 'committed-start', 'not-ignored', 'placeholder', 'default', 'short', 'low-entropy', 'repeated'),
  strength: maybe(words('chosen', 'trivial')),
  other: maybe(z.strictObject({ name, origin: fileOrigin })),
})

/** What else files say. */
export const FILES = {
  variable,
  'firewall-command': firewallCommand,
  'script-problem': scriptProblem,
  'allowed-origins': allowedOrigins,
  'guard-use': guardUse,
  'missing-import': missingImport,
  'environment-load': environmentLoad,
  'environment-choice': environmentChoice,
  'file-change': fileChange,
  secret,
}
