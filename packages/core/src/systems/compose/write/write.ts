import type { HostName, Policy, Service } from '../../../policy/index.ts'
import { admittedTo } from '../../admitted.ts'
import { listenVariables, managedBy } from '../../managed.ts'
import type { WriteOptions, Writer, Written } from '../../write.ts'
import { type HostFiles, madeFor, writtenFor } from '../../written-hosts.ts'
import { compareCompose } from './compare.ts'

/** Taken by `docker compose` beside compose.yaml and docker-compose.yml without being named. */
const PATH = 'compose.override.yaml'

function writeCompose(policy: Policy, options: WriteOptions): Written {
  return writtenFor(policy, options, (host) => hostFile(policy, host, options), {
    why: 'no service of the policy is run by compose',
    next: 'say which are: `run: { compose: NAME }`, or name one',
  })
}

/** On which address of the machine the ports of a service are published. */
type Published = 'everywhere' | 'loopback' | 'nowhere'

function hostFile(policy: Policy, host: HostName, options: WriteOptions): HostFiles | undefined {
  const services = managedBy(policy, host, 'compose', options)
  if (services.length === 0) return undefined
  const placed = services.map((service) => ({ service, published: publishedOn(service, host, policy) }))
  const limited = placed.filter(
    ({ service, published }) => published === 'everywhere' && admittedTo(service, host, policy).kind !== 'everybody',
  )
  return {
    files: [{ path: PATH, text: textOf(policy, host, placed) }],
    notes: [
      'the override needs Docker Compose 2.24.4 or newer (!override, !reset); a compose file with another name is named before it: docker compose -f FILE -f compose.override.yaml up',
      'each service is expected to listen in its container on the port that the policy has for it',
      ...(limited.length === 0
        ? []
        : [
            `${limited.map(({ service }) => service.name).join(', ')}: who may come is for the packet filter to say (sallyport render nftables): what Docker publishes passes ufw by`,
          ]),
    ],
  }
}

/**
 * Nowhere, unless somebody outside of the compose network has to come: a door of the machine that passes requests on, whoever the policy names
 * beyond this machine, or this machine itself where the policy says `from: loopback` or `host` in so many words.
 */
function publishedOn(service: Service, host: HostName, policy: Policy): Published {
  if (admittedTo(service, host, policy).kind !== 'this-machine') return 'everywhere'
  const isSaid = service.origins.from !== service.origin
  const isRouted = [...policy.services.values()].some(
    ({ run, hosts, routes }) => run.by !== 'compose' && hosts.includes(host) && routes.some((route) => route.service === service.name),
  )
  return isSaid || isRouted ? 'loopback' : 'nowhere'
}

function textOf(policy: Policy, host: HostName, services: readonly { readonly service: Service; readonly published: Published }[]): string {
  return [
    ...madeFor(policy, host, 'what compose publishes').map((line) => `# ${line}`),
    '# !override and !reset replace what the other file says; without them ports add up.',
    'services:',
    ...services.flatMap(({ service, published }) => [
      `  ${quoted(service.run.by === 'compose' ? service.run.name : service.name)}:`,
      '    environment:',
      // In its own network namespace: who comes there is decided by what is published, and by the networks.
      ...[...listenVariables(service, '0.0.0.0')].map(([name, value]) => `      ${name}: ${quoted(value)}`),
      ...portLines(service, published),
    ]),
    '',
  ].join('\n')
}

function portLines(service: Service, published: Published): readonly string[] {
  if (published === 'nowhere') return ['    ports: !reset []']
  const before = published === 'loopback' ? '127.0.0.1:' : ''
  const ports = service.protocols.flatMap((protocol) =>
    service.ports.map(({ first, last }) => {
      const range = first === last ? String(first) : `${first}-${last}`
      return `      - ${quoted(`${before}${range}:${range}${protocol === 'udp' ? '/udp' : ''}`)}`
    }),
  )
  return ['    ports: !override', ...ports]
}

/** Double-quoted YAML takes every text of JSON (YAML 1.2.2 §1.3); names and variables stand as they are. */
function quoted(text: string): string {
  return /^[A-Za-z][A-Za-z0-9_-]*$/.test(text) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(text) ? text : JSON.stringify(text)
}

export const writer: Writer = { write: writeCompose, compare: compareCompose }
