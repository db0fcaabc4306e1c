import { SEVERITIES } from '@sallyport/core/audit'
import { z } from 'zod'

/** The shapes of `--format json`, version 1, from which docs/schema/ is made. Reports are written, never read, so this is loaded by tests and documentation only. */

const place = z.strictObject({
  text: z.string().describe('The place for people: file:line:column, a rule, a kernel path, an API call.'),
  file: z.string().nullable().describe('Relative to the folder, or absolute for a file of the machine.'),
  line: z.int().positive().nullable(),
  column: z.int().positive().nullable(),
  shown: z.string().nullable().describe('The line or rule itself, secrets removed.'),
})

const step = z.strictObject({ kind: z.string(), text: z.string(), place: place.nullable() })
const family = z.union([z.literal(4), z.literal(6)])
const sender = z
  .enum(['internet', 'private', 'host'])
  .describe('Who sends: the internet, neighbours in the machine’s networks, this machine’s containers.')

const way = z.strictObject({
  from: sender,
  family,
  verdict: z.enum(['open', 'maybe']).describe('open: these packets surely arrive. maybe: they may, for `reasons`.'),
  sources: z.array(z.string()).describe('Source addresses: addresses, prefixes, or first-last.'),
  at: z.string().describe('What the sender addresses, before any translation.'),
  interface: z.string(),
  unless: z.string().nullable().describe('What stands before the machine, was not seen, and may keep these packets out.'),
  path: z.array(step),
  reasons: z.array(z.string()),
})

const blocked = z.strictObject({
  from: sender,
  family,
  sources: z.array(z.string()),
  at: z.string(),
  interface: z.string(),
  answer: z.enum(['dropped', 'rejected']),
  path: z.array(step),
})

const guard = z.strictObject({ guard: z.string(), text: z.string(), place })
const asked = z
  .enum(['nothing', 'unknown', 'addresses', 'authentication', 'refused'])
  .describe('What is asked of whoever sends a request, from the least to the most. unknown: something decides that is not understood.')

const through = z
  .strictObject({
    proxies: z.array(z.string()),
    only: z.boolean().describe('No packet from beyond its own network namespace reaches the service itself.'),
    asked: asked.describe('The least that is asked of those who come from furthest away.'),
    uniform: z.boolean().describe('Every way that somebody can take asks the same.'),
    from: sender
      .nullable()
      .describe('Who comes furthest to the proxy; null: nobody from beyond the machine, or its listener was not seen.'),
    weakest: z.int().min(0).describe('The index of the requests of which the least is asked.'),
    requests: z.array(
      z.strictObject({
        proxy: z.string(),
        for: z.string().describe('Which requests, by the proxy’s own location.'),
        names: z.string().describe('The names that lead to its server.'),
        asked,
        anyIsEnough: z.boolean(),
        by: z.array(guard).describe('What asks.'),
        limits: z.array(guard).describe('What holds besides: TLS, limits.'),
        listeners: z.array(place),
        comesFrom: z.array(z.string()).describe('Whose packets reach the listener, by family.'),
        doors: z.array(z.string()).describe('What is listened on there now.'),
        location: place.nullable(),
        target: z.string(),
        place,
        certain: z.boolean().describe('false: a pattern, a variable or a condition decides which requests these are.'),
      }),
    ),
  })
  .nullable()
  .describe('How requests reach it that proxies pass on; null: none is known to.')

const manager = z.union([
  z.strictObject({ kind: z.literal('systemd'), unit: z.string() }),
  z.strictObject({ kind: z.literal('container'), id: z.string(), engine: z.string() }),
  z.strictObject({ kind: z.literal('pm2'), app: z.string(), id: z.int().optional() }),
])

const endpoint = z.strictObject({
  protocol: z.enum(['tcp', 'udp']),
  address: z.string(),
  port: z.int().min(0).max(65535),
  accepts: z.enum(['ipv4', 'ipv6', 'dual', 'unknown']),
  namespace: z.string().describe('The inode of the network namespace.'),
  processes: z.array(
    z.strictObject({
      pid: z.int(),
      name: z.string(),
      command: z.array(z.string()),
      user: z.string().nullable(),
      manager: manager.nullable(),
    }),
  ),
  reach: z.array(way).describe('Who can reach it; what is in no way is closed.'),
  blocked: z.array(blocked),
})

const finding = z.strictObject({
  rule: z.string(),
  severity: z.enum(SEVERITIES),
  service: z.string().nullable(),
  message: z.string(),
  places: z.array(place.extend({ role: z.string() })).describe('The cause first.'),
  fix: z.string(),
  facts: z.array(z.string()),
  fingerprint: z.string().describe('Stays the same when lines move.'),
})

/** What a normal start makes of its sockets. */
const afterStart = z
  .array(
    z.strictObject({
      protocol: z.enum(['tcp', 'udp']),
      port: z.int().nullable().describe('Of a container: the published one, or its own where the exposure is internal.'),
      exposure: z
        .enum(['every-interface', 'address', 'loopback', 'internal', 'undecided'])
        .describe('On this machine. internal: on a container network only.'),
      reason: z.string().nullable(),
      place,
    }),
  )
  .describe('What the files say that it will listen on when it is started as it normally is.')

const gap = z.strictObject({ code: z.string(), what: z.string(), affects: z.string(), remedy: z.string().nullable(), place })

const report = z.strictObject({
  version: z.literal(1),
  tool: z.strictObject({ name: z.literal('sallyport'), version: z.string() }),
  host: z
    .strictObject({
      name: z.string(),
      boundary: z.strictObject({ kind: z.string(), label: z.string() }),
      capturedAt: z.iso.datetime().optional().describe('With --evidence: when the file was written.'),
    })
    .nullable(),
  policy: z.strictObject({ name: z.string(), files: z.array(z.string()), environment: z.string().nullable() }).nullable(),
  score: z.strictObject({
    value: z.int().min(0).max(100),
    costs: z.array(z.strictObject({ rule: z.string(), cost: z.number(), findings: z.int() })),
    cap: z.strictObject({ value: z.int(), reason: z.enum(['critical', 'high', 'undecided', 'undeclared']) }).nullable(),
  }),
  undecided: z.boolean().describe('A verdict is open that could become a finding.'),
  services: z.array(
    z.strictObject({
      name: z.string(),
      declared: z
        .strictObject({
          place,
          edge: z.boolean(),
          elsewhere: z.boolean().describe('It runs on another host, of which nothing is seen from here.'),
        })
        .nullable(),
      endpoints: z.array(endpoint).describe('What it listens on now.'),
      next: z
        .array(
          z.strictObject({ kind: z.enum(['reach', 'undecided']), reason: z.string().nullable(), endpoint: endpoint.nullable(), place }),
        )
        .describe('What it will listen on after a restart, where that differs.'),
      afterStart,
      planned: z
        .array(
          z.strictObject({
            protocol: z.enum(['tcp', 'udp']),
            port: z.int().nullable(),
            exposure: z.enum(['loopback', 'address', 'every-interface', 'undecided']),
            address: z.string().nullable(),
            reason: z.string().nullable(),
            decidedBy: z.enum(['default', 'code', 'start', 'unknown']),
            place,
            listensAt: place.nullable(),
            framework: z.string().nullable(),
            startedBy: z.strictObject({ kind: z.string(), name: z.string(), place }).nullable(),
            inContainer: z.boolean(),
          }),
        )
        .describe(
          'What each line that the files have binds, by each way to start it; with inContainer in the container, of which others see what is published: `afterStart`.',
        ),
      container: z.strictObject({ name: z.string(), image: z.string() }).nullable(),
      proxies: z.array(z.strictObject({ system: z.string(), target: z.string(), place })),
      through,
      links: z.array(z.strictObject({ reason: z.string(), detail: z.string() })),
    }),
  ),
  findings: z.array(finding).describe('Worst first.'),
  accepted: z.array(finding.extend({ reason: z.string(), by: z.string().nullable(), until: z.string().nullable() })),
  notSeen: z.array(gap),
  ambiguous: z.array(z.strictObject({ what: z.string(), candidates: z.array(z.string()) })),
})

/** `sallyport check --format json`. */
export const reportSchema = z.union([
  report,
  z.strictObject({
    version: z.literal(1),
    tool: report.shape.tool,
    hosts: z.array(report).min(2).describe('With several files of --evidence: one a host.'),
  }),
])

const tool = z.strictObject({ name: z.literal('sallyport'), version: z.string() })
const range = z.strictObject({ first: z.int().min(0).max(65535), last: z.int().min(0).max(65535) }).describe('Both ends included.')
const advice = z.strictObject({
  to: z.enum(['open', 'close']),
  text: z.string().describe('What would have to change.'),
  place: place.nullable(),
  instead: z.boolean().describe('It comes to the same as the one before: one of them is enough.'),
  write: z.array(z.string()).describe('What to write at the place, or to give to the program that starts it.'),
  commands: z.array(z.string()).describe('To be run as root in a shell; all of them together do it.'),
})

const obstacles = z.strictObject({
  from: sender,
  family,
  at: z.string(),
  interface: z.string(),
  stops: z.array(step).min(1).describe('The step that stops the packets, then each that would if those before it were gone.'),
  then: z.enum(['open', 'maybe', 'stopped']).describe('What becomes of the packets once none of these stops them.'),
})

const fromMachine = z
  .strictObject({ reach: z.array(way), blocked: z.array(blocked) })
  .nullable()
  .describe(
    'What the processes of the machine itself send to a service in another network namespace, a container’s; `interface` is where it leaves at first. null: not asked about, or the service is in the machine’s own, where they always reach it.',
  )

/** `sallyport explain --format json`. */
export const explainSchema = z.strictObject({
  version: z.literal(1),
  tool,
  subject: z.string().describe('What was asked about.'),
  from: z.string().nullable().describe('Who was asked about; null: everybody.'),
  protocol: z.enum(['tcp', 'udp']).nullable(),
  services: z
    .array(
      z.strictObject({
        name: z.string(),
        running: z.boolean(),
        declared: z.strictObject({ place, edge: z.boolean(), from: z.array(z.string()) }).nullable(),
        startedBy: z.array(z.strictObject({ kind: z.string(), name: z.string(), place })),
        container: z
          .strictObject({
            name: z.string(),
            image: z.string(),
            published: z.array(
              z.strictObject({ protocol: z.enum(['tcp', 'udp']), address: z.string(), hostPorts: range, containerPorts: range }),
            ),
          })
          .nullable(),
        proxies: z.array(z.strictObject({ system: z.string(), target: z.string(), place })),
        through,
        endpoints: z
          .array(endpoint.extend({ fromMachine, obstacles: z.array(obstacles), advice: z.array(advice) }))
          .describe('What it listens on now, with the packets of those who were asked about. Its own network namespace always reaches it.'),
        afterStart,
        advice: z.array(advice).describe('Of a service that does not run.'),
      }),
    )
    .min(1),
  notSeen: z.array(gap).describe('Of the machine, as far as it bears on the answer.'),
})

const level = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)])
const use = z.enum(['development', 'internal', 'production'])

/** `sallyport ports --format json`. */
export const portsSchema = z.strictObject({
  version: z.literal(1),
  tool,
  levels: z.array(
    z.strictObject({
      level,
      title: z.string(),
      risk: z.string(),
      scanProbability: z.string(),
      ports: z.array(range),
      added: z.array(range).describe('Classed by the same reasoning.'),
      why: z.string(),
    }),
  ),
  uses: z.array(z.strictObject({ use, ports: range })),
  avoid: z.array(z.strictObject({ port: z.int(), service: z.string(), reason: z.string() })),
  inUse: z
    .array(
      z.strictObject({
        ports: range,
        protocol: z.enum(['tcp', 'udp']),
        service: z.string(),
        state: z.enum(['in use', 'published', 'declared', 'configured']),
        by: z.array(z.string()),
        level: level.describe('Of the first port.'),
      }),
    )
    .describe('Ports of this machine that are taken or spoken for.'),
  free: z.array(z.strictObject({ use, port: z.int(), level })).describe('Ports that nothing here uses, declares or starts on.'),
})

const look = z.strictObject({ file: z.string(), host: z.string(), capturedAt: z.iso.datetime() })
const verdict = z.enum(['closed', 'maybe', 'open'])

/** `sallyport diff --format json`. */
export const diffSchema = z.strictObject({
  version: z.literal(1),
  tool,
  before: look,
  after: look,
  differences: z
    .array(
      z.strictObject({
        was: verdict,
        is: verdict,
        from: sender,
        family,
        protocol: z.enum(['tcp', 'udp']),
        sources: z.array(z.string()).describe('The source addresses for which it differs: addresses, prefixes, or first-last.'),
        way: way.describe('How they arrive now; of what is closed now, how they did before.'),
      }),
    )
    .describe('Packets that do not fare as before. Empty: all fare alike.'),
})
