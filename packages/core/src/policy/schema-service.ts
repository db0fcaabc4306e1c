import * as z from 'zod/mini'
import { MEANINGS } from './meaning.ts'
import { explainDomain, explainOrigin } from './web.ts'
import { ADDRESS, mapping, oneOrMany, PATTERNS, port, record, ROUTE_PATHS, SOURCE, text, words } from './schema-words.ts'

export const HOST_SHAPE = {
  address: z.optional(
    oneOrMany(ADDRESS).register(MEANINGS, {
      description: "The host's addresses, as others see them: one, or a list.",
      expects: 'an address (192.0.2.10) or a list of them',
      example: 'address: 192.0.2.10',
    }),
  ),
  upstream: z.optional(
    words(
      ['none', 'nat', 'one-to-one', 'unknown'],
      'What stands before the host: nothing, address translation for many hosts, one-to-one translation, or unknown.',
      'unknown',
    ),
  ),
  managed: z.optional(words(['rds', 'elasticache'], 'The host is a managed service of AWS.')),
  aws: z.optional(
    mapping(
      {
        securityGroup: z.optional(
          oneOrMany(text('The name or id of a security group.', 'securityGroup: prod-sg-api')).register(MEANINGS, {
            description: "The host's security groups, by name or id.",
            expects: 'one or more names or ids',
            example: 'securityGroup: prod-sg-api',
          }),
        ),
        instance: z.optional(text('The id of the EC2 instance.', 'instance: i-0123456789abcdef0')),
        identifier: z.optional(text('The identifier of a managed database or cache.', 'identifier: prod-db')),
      },
      { description: 'The host in AWS.', expects: 'a mapping', example: 'aws: { securityGroup: prod-sg-api }' },
    ),
  ),
}

const HTTP = mapping(
  {
    health: z.optional(
      text('The path that answers 200 when the service is well.', 'health: /health', PATTERNS.path, {
        expects: 'a path that begins with /',
      }),
    ),
    origins: z.optional(
      z
        .array(
          text('A web origin: scheme, host and port.', 'origins: ["http://localhost:3000"]', PATTERNS.origin, { explain: explainOrigin }),
        )
        .register(MEANINGS, {
          description: 'The web origins whose scripts may call (CORS); [] for none.',
          expects: 'a list of web origins',
          example: 'origins: ["http://localhost:3000"]',
        }),
    ),
    auth: z.optional(words(['user', 'key', 'none'], 'What a request must bring: a signed-in user, an API key, or nothing.', 'none')),
  },
  { description: 'The service speaks HTTP.', expects: 'a mapping', example: 'http: { health: /health }' },
)

const RUN = mapping(
  {
    pm2: z.optional(text('The name of the PM2 app.', 'run: { pm2: app }')),
    compose: z.optional(text('The name of the compose service.', 'run: { compose: app }')),
    systemd: z.optional(text('The name of the systemd unit.', 'run: { systemd: app.service }')),
    command: z.optional(text('The command line that starts it.', 'run: { command: node dist/index.js }')),
  },
  {
    description: "By what name its manager knows the service, where that is not the service's own name.",
    exactlyOneOf: ['pm2', 'compose', 'systemd', 'command'],
    expects: 'a mapping with one of pm2, compose, systemd, command',
    example: 'run: { pm2: app }',
  },
)

const TLS = z
  .union([
    z.enum(['none', 'letsencrypt']),
    mapping(
      {
        certificate: text('The file of the certificate chain.', 'certificate: /etc/tls/app.pem'),
        key: text('The file of the private key.', 'key: /etc/tls/app.key'),
      },
      { description: 'Certificate files of your own.' },
    ),
  ])
  .register(MEANINGS, {
    description: 'Where the certificate comes from.',
    default: 'none',
    expects: 'none, letsencrypt or { certificate: …, key: … }',
    example: 'tls: letsencrypt',
  })

export const SERVICE_SHAPE = {
  host: z.optional(
    oneOrMany(text('The name of a host.', 'host: api')).register(MEANINGS, {
      description: 'The hosts that it runs on; needed where the policy names hosts. `localhost` is this machine.',
      expects: 'one or more names of hosts',
      example: 'host: api',
    }),
  ),
  port: oneOrMany(port()).register(MEANINGS, {
    description: 'The ports that it listens on: one, a range (both ends included) or a list.',
    expects: 'a port (3000), a range (8000-8010) or a list of them',
    example: 'port: 3000',
  }),
  protocol: z.optional(
    oneOrMany(z.enum(['tcp', 'udp'])).register(MEANINGS, {
      description: 'tcp, udp or both.',
      default: 'tcp',
      expects: 'tcp, udp or [tcp, udp]',
      example: 'protocol: [tcp, udp]',
    }),
  ),
  from: z.optional(
    oneOrMany(SOURCE).register(MEANINGS, {
      description: 'Who may open a connection directly. Left out: loopback.',
      default: 'loopback',
      expects: 'one or more names or addresses',
      example: 'from: internet',
    }),
  ),
  domain: z.optional(
    oneOrMany(text('A domain name.', 'domain: example.com', PATTERNS.domain, { explain: explainDomain })).register(MEANINGS, {
      description: 'The domain names that it answers to.',
      expects: 'a domain name or a list of them',
      example: 'domain: example.com',
    }),
  ),
  tls: z.optional(TLS),
  routes: z.optional(
    record(
      text('The name of a service.', 'routes: { "/": app }'),
      'Which service each path prefix is passed on to.',
      'routes: { "/": app }',
      ROUTE_PATHS,
    ),
  ),
  limit: z.optional(
    text('Requests of one client: 10r/s or 600r/m.', 'limit: 10r/s', PATTERNS.limit, { expects: 'a rate: 10r/s or 600r/m' }),
  ),
  http: z.optional(HTTP),
  run: z.optional(RUN),
}
