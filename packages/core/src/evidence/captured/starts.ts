import * as z from 'zod/mini'
import type { Bind, CommandBind, ComposeService, ConfiguredPort, Launch, StartedBy, Word } from '../starts.ts'
import type { Unseen } from '../value.ts'
import { fileOrigin, setting, value } from './origins.ts'
import { type Codec, flag, integer, list, mapOf, maybe, name, port, portRange, protocol, shown, told, words, record } from './words.ts'

export const word: Codec<Word> = record<Word>({ text: value, spreads: maybe(z.literal(true)), written: maybe(fileOrigin), shown })

const bind: Codec<Bind> = record<Bind>({
  claim: z.literal('bind'),
  framework: name,
  language: words('javascript', 'typescript', 'python', 'go'),
  protocol,
  host: value,
  port: value,
  defaultHost: name,
  emptyHost: maybe(name),
  defaultPort: maybe(port),
  test: flag,
  builtFrom: maybe(name),
  package: maybe(name),
  entries: list(name),
  asProgram: maybe(list(name)),
  runtime: maybe(name),
})

const commandBind: Codec<CommandBind> = record<CommandBind>({
  program: name,
  protocol,
  host: value,
  port: value,
  defaultHost: name,
  emptyHost: maybe(name),
  variablesFirst: maybe(z.literal(true)),
  defaultPort: maybe(port),
})

const unseen: Codec<Unseen> = record<Unseen>({ how: told, origin: fileOrigin })

const startedBy: Codec<StartedBy> = record<StartedBy>({ entries: list(name), takes: list(words('environment', 'arguments', 'entry')) })

const launch: Codec<Launch> = record<Launch>({
  claim: z.literal('launch'),
  by: words(
    'pm2',
    'compose',
    'systemd',
    'npm-script',
    'shell',
    'powershell',
    'batch',
    'procfile',
    'dockerfile',
    'docker-run',
    'makefile',
    'supervisor',
    'task',
  ),
  name,
  command: list(word),
  entry: maybe(name),
  runtime: maybe(name),
  builtOf: maybe(name),
  missing: maybe(z.literal(true)),
  meant: maybe(name),
  scripts: maybe(list(name)),
  workingDirectory: maybe(name),
  environment: mapOf(setting),
  environmentFiles: list(name),
  runnerFiles: maybe(list(name)),
  absentFiles: maybe(list(name)),
  unseenEnvironment: maybe(unseen),
  environmentName: maybe(name),
  serves: maybe(commandBind),
  configurationFiles: maybe(list(name)),
  proxyFiles: maybe(list(name)),
  arguments: maybe(mapOf(setting)),
  instances: integer,
  startedBy: maybe(startedBy),
  managedAt: maybe(fileOrigin),
})

const configuredPort: Codec<ConfiguredPort> = record<ConfiguredPort>({
  protocol,
  hostAddress: value,
  hostPorts: z.union([portRange, z.undefined()]),
  containerPorts: portRange,
  origin: fileOrigin,
})

const composeService: Codec<ComposeService> = record<ComposeService>({
  claim: z.literal('compose-service'),
  project: name,
  manager: maybe(name),
  name,
  deployments: maybe(list(name)),
  image: maybe(name),
  build: maybe(name),
  profiles: list(name),
  networkMode: maybe(name),
  networks: list(z.strictObject({ name, internal: flag, besideMachine: maybe(fileOrigin) })),
  published: list(configuredPort),
  exposed: list(z.strictObject({ ports: portRange, protocol, origin: maybe(fileOrigin), ofOtherCommand: maybe(z.literal(true)) })),
  restart: name,
})

/** What files say is started. */
export const STARTS = { bind, launch, 'compose-service': composeService }
