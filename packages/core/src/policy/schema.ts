import * as z from 'zod/mini'
import { MEANINGS } from './meaning.ts'
import { HOST_SHAPE, SERVICE_SHAPE } from './schema-service.ts'
import {
  ADDRESS,
  BUCKET_NAMES,
  DATE,
  mapping,
  named,
  oneOrMany,
  PATTERNS,
  port,
  prose,
  record,
  RULE,
  SOURCE,
  text,
  words,
} from './schema-words.ts'

const ADDRESSES = oneOrMany(ADDRESS).register(MEANINGS, {
  description: 'Addresses or prefixes, IPv4 or IPv6: one, or a list.',
  expects: 'an address (203.0.113.7), a prefix (198.51.100.0/24) or a list of them',
  example: 'admin: 203.0.113.7',
})

const TEST = mapping(
  {
    from: oneOrMany(SOURCE).register(MEANINGS, {
      description: 'Who sends: sources, hosts, services, built-in sources, addresses or prefixes.',
      expects: 'one or more names or addresses',
      example: 'from: internet',
    }),
    accept: z.optional(named('Services that must be reached directly from every `from`.', 'accept: [https]')),
    deny: z.optional(named('Services that must not be reached directly from any `from`.', 'deny: [app]')),
    denyThrough: z.optional(
      named('Services that must not be reached from any `from`, directly or through any proxy.', 'denyThrough: [app]'),
    ),
  },
  {
    atLeastOneOf: ['accept', 'deny', 'denyThrough'],
    example: '{ from: internet, deny: [app] }',
    expects: 'a mapping with `from` and what it may reach',
  },
)

const ACCEPTANCE = mapping(
  {
    rule: RULE,
    service: z.optional(text('Only findings on this service.', 'service: app')),
    host: z.optional(text('Only findings on this host.', 'host: api')),
    path: z.optional(text('Only findings in files of this path; `*` and `**` as in a shell.', 'path: src/**/*.ts', PATTERNS.glob)),
    reason: prose('Why this is accepted.', 'reason: closed by the provider'),
    by: z.optional(text('Who accepted it.', 'by: ops')),
    until: z.optional(DATE),
  },
  { expects: 'a mapping with `rule` and `reason`', example: '{ rule: private-reachable, service: app, reason: a test until May }' },
)

const IGNORED = mapping(
  {
    process: z.optional(text('The name of the process that listens.', 'process: sshd')),
    port: z.optional(
      oneOrMany(port()).register(MEANINGS, {
        description: 'The ports it listens on.',
        expects: 'a port (3000), a range (8000-8010) or a list of them',
        example: 'port: 22',
      }),
    ),
    address: z.optional(text('The address it listens on, or a prefix.', 'address: 192.0.2.10')),
    reason: prose('Why this listener is ignored.', 'reason: looked after by the provider'),
  },
  {
    atLeastOneOf: ['process', 'port', 'address'],
    expects: 'a mapping with `reason` and what to ignore',
    example: '{ process: sshd, reason: managed elsewhere }',
  },
)

const BUCKET = mapping(
  {
    encryption: z.optional(words(['aes256', 'kms'], 'Encryption at rest.', 'aes256')),
    versioning: z.optional(
      z.boolean().register(MEANINGS, { description: 'Keep former versions of objects.', default: true, example: 'versioning: true' }),
    ),
    expireAfterDays: z.optional(
      z.int().check(z.minimum(1)).register(MEANINGS, {
        description: 'Days after which objects are deleted. Left out: never.',
        expects: 'a number of days, at least 1',
        example: 'expireAfterDays: 90',
      }),
    ),
  },
  { expects: 'a mapping', example: 'example-recordings: { expireAfterDays: 90 }' },
)

const ALARM = mapping(
  {
    metric: words(['failed-ssh', 'api-errors', 'database-connections'], 'What is counted.'),
    of: text('The host or service that is watched.', 'of: api'),
    threshold: z.int().check(z.minimum(1)).register(MEANINGS, {
      description: 'The alarm is raised above this many within `minutes`.',
      expects: 'a whole number, at least 1',
      example: 'threshold: 5',
    }),
    minutes: z.optional(
      z.int().check(z.minimum(1)).register(MEANINGS, {
        description: 'How long is counted.',
        default: 5,
        expects: 'a number of minutes, at least 1',
        example: 'minutes: 5',
      }),
    ),
  },
  { expects: 'a mapping with `metric`, `of` and `threshold`', example: 'logins: { metric: failed-ssh, of: api, threshold: 5 }' },
)

const HOST = mapping(HOST_SHAPE, { expects: 'a mapping', example: 'api: { address: 192.0.2.10 }' })
const SERVICE = mapping(SERVICE_SHAPE, { expects: 'a mapping with at least `port`', example: 'app: { port: 3000 }' })

/** What an overlay may say: all of it optional, lists whole. */
const SECTIONS = {
  sources: z.optional(record(ADDRESSES, 'Who: named sets of addresses.', 'sources: { admin: 203.0.113.7 }')),
  tests: z.optional(
    z.array(TEST).register(MEANINGS, {
      description: 'Claims that must hold of what is really there.',
      expects: 'a list',
      example: 'tests: [{ from: internet, deny: [app] }]',
    }),
  ),
  accept: z.optional(
    z.array(ACCEPTANCE).register(MEANINGS, {
      description: 'Findings that are known and accepted for now.',
      expects: 'a list',
      example: 'accept: [{ rule: private-reachable, reason: a test until May }]',
    }),
  ),
  listeners: z.optional(
    mapping(
      {
        undeclared: z.optional(words(['report', 'ignore'], 'What becomes of listeners that no service declares.', 'report')),
        ignore: z.optional(
          z.array(IGNORED).register(MEANINGS, {
            description: 'Listeners that are not reported as undeclared.',
            expects: 'a list',
            example: 'ignore: [{ process: sshd, reason: managed elsewhere }]',
          }),
        ),
      },
      {
        description: 'What to make of listeners that no service declares.',
        expects: 'a mapping',
        example: 'listeners: { undeclared: report }',
      },
    ),
  ),
  buckets: z.optional(
    record(
      BUCKET,
      'S3 buckets by name. Public access is always to be blocked.',
      'buckets: { example-recordings: { expireAfterDays: 90 } }',
      BUCKET_NAMES,
    ),
  ),
}

const OVERLAY = mapping(
  {
    ...SECTIONS,
    hosts: z.optional(
      record(z.partial(HOST), 'Hosts of this environment, or what is different in it.', 'hosts: { api: { upstream: nat } }'),
    ),
    services: z.optional(
      record(z.partial(SERVICE), 'Services of this environment, or what is different in it.', 'services: { app: { port: 9847 } }'),
    ),
    alarms: z.optional(
      record(z.partial(ALARM), 'Alarms of this environment, or what is different in it.', 'alarms: { logins: { threshold: 50 } }'),
    ),
  },
  {
    description: 'What is different in this environment: mappings are merged, anything else is replaced.',
    expects: 'a mapping',
    example: 'development: { services: { app: { port: 9847 } } }',
  },
)
export const OVERLAY_KEYS: ReadonlySet<string> = new Set(Object.keys(OVERLAY.shape))

/** One policy once an environment's overlay is laid on. */
const MERGED_SHAPE = {
  version: z.literal(1).register(MEANINGS, { description: 'The version of this format: 1.', expects: '1', example: 'version: 1' }),
  name: z.optional(text('What the deployment is called.', 'name: telephony')),
  catalogue: z.optional(
    z.literal(1).register(MEANINGS, {
      description: 'Pins the rules and the score to an edition, across upgrades.',
      default: 1,
      expects: '1',
      example: 'catalogue: 1',
    }),
  ),
  ...SECTIONS,
  hosts: z.optional(
    record(HOST, 'Where: named machines. Left out: everything runs on this machine.', 'hosts: { api: { address: 192.0.2.10 } }'),
  ),
  services: z.optional(
    record(
      SERVICE,
      'What listens. `from` says who may open a connection directly; left out, nobody beyond loopback.',
      'services: { app: { port: 3000 } }',
    ),
  ),
  alarms: z.optional(record(ALARM, 'CloudWatch alarms by name.', 'alarms: { logins: { metric: failed-ssh, of: api, threshold: 5 } }')),
}

export const mergedSchema = mapping(MERGED_SHAPE, { expects: 'a mapping' })

/** What is left of a policy when every faulty value is taken out: enough to find the other problems in it. */
export const remainderSchema = z.strictObject({
  ...MERGED_SHAPE,
  version: z.optional(MERGED_SHAPE.version),
  services: z.optional(z.record(z.string(), z.partial(SERVICE))),
})
export type Authored = z.infer<typeof remainderSchema>

/** One policy file. */
export const fileSchema = mapping(
  {
    ...MERGED_SHAPE,
    include: z.optional(
      oneOrMany(text('A path or pattern, relative to this file.', 'include: [services/*/sallyport.yaml]')).register(MEANINGS, {
        description: "The policy's other files: paths or patterns, relative to this file, within its folder.",
        expects: 'a path, a pattern or a list of them',
        example: 'include: [services/*/sallyport.yaml]',
      }),
    ),
    environments: z.optional(
      record(
        z.nullable(OVERLAY),
        'Overlays by name. With them present, `--environment` or SALLYPORT_ENV must name one.',
        'environments: { development: { services: { app: { port: 9847 } } } }',
      ),
    ),
  },
  { description: 'A Sallyport policy: who may reach each service of a deployment.', expects: 'a mapping' },
)
