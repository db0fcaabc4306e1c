import { Text } from '../../../evidence/index.ts'
import type { HostName, Policy, Service } from '../../../policy/index.ts'
import { listenAddress } from '../../admitted.ts'
import { differencesOf, type Meaning } from '../../differences.ts'
import { listenVariables } from '../../managed.ts'
import type { FileState } from '../../system.ts'
import type { Difference, WriteOptions, Writer, Written, WrittenFile } from '../../write.ts'
import { type HostFiles, madeFor, writtenFor } from '../../written-hosts.ts'
import { parseEnvironment } from '../parse.ts'
import { isPlaceholder } from '../placeholder.ts'

const PATH = '.env.example'

/** Secrets by what of the policy needs them. Their values are placeholders that `sallyport keys generate` replaces in `.env`. */
const SECRETS: readonly {
  readonly name: string
  readonly is: string
  readonly needed: (service: Service, doors: readonly Service[]) => boolean
}[] = [
  {
    name: 'INTERNAL_API_KEY',
    is: 'What services prove to each other by, and nginx to those behind it: at least 32 random bytes.',
    needed: (service, doors) =>
      service.http?.auth === 'key' || doors.some(({ routes }) => routes.some((route) => route.service === service.name)),
  },
  {
    name: 'JWT_SECRET',
    is: 'What the tokens of signed-in users are signed with: at least 32 random bytes.',
    needed: ({ http }) => http?.auth === 'user',
  },
]

function writeDotenv(policy: Policy, options: WriteOptions): Written {
  return writtenFor(policy, options, (host) => hostFile(policy, host, options), {
    why: 'no service of the policy is a program with variables',
    next: 'declare the services that are, or name one',
  })
}

function hostFile(policy: Policy, host: HostName, { service: asked }: WriteOptions): HostFiles | undefined {
  const here = [...policy.services.values()].filter(({ hosts }) => hosts.includes(host))
  const doors = here.filter(({ routes }) => routes.length > 0)
  const programs = here.filter(({ name, routes, ports }) =>
    asked === undefined ? routes.length === 0 && ports.every(({ first }) => first >= 1024) : name === asked,
  )
  const [only, ...more] = programs
  if (only === undefined) return undefined
  const listens =
    more.length === 0
      ? listenVariables(only, listenAddress(only, host, policy))
      : new Map([['HOST', commonAddress(programs, host, policy)]])
  const secrets = SECRETS.filter(({ needed }) => programs.some((service) => needed(service, doors)))
  const lines = [
    ...madeFor(policy, host, 'variables').map((line) => `# ${line}`),
    '# Copy it to .env, which git has to ignore.',
    '',
    ...[...listens].map(([name, value]) => `${name}=${value}`),
    ...secrets.flatMap(({ name, is }) => ['', `# ${is}`, `${name}=your_${name.toLowerCase()}`]),
    '',
  ]
  return {
    files: [{ path: PATH, text: lines.join('\n') }],
    notes: [
      ...(more.length === 0
        ? []
        : ['each service has a port of its own, which its manager gives it: sallyport render dotenv SERVICE writes PORT as well']),
      ...(secrets.length === 0 ? [] : ['sallyport keys generate puts real secrets in the place of the placeholders, in .env']),
    ],
  }
}

/** One variable for several: the narrowest, which a service that is for others has to be given otherwise. */
function commonAddress(services: readonly Service[], host: HostName, policy: Policy): string {
  return services.every((service) => listenAddress(service, host, policy) === '0.0.0.0') ? '0.0.0.0' : '127.0.0.1'
}

/** In names, and in values that are no secrets; of those, that they are placeholders. */
function compareDotenv(wanted: readonly WrittenFile[], there: (path: string) => FileState): readonly Difference[] {
  return wanted.flatMap(({ path, text }): readonly Difference[] => {
    const state = there(path)
    if (state.kind !== 'text') return [{ what: path, wanted: 'a file' }]
    const ours = meaningOf(path, text)
    // What the policy does not speak of is the program's own.
    const theirs = new Map([...meaningOf(path, state.text)].filter(([name]) => ours.has(name)))
    return differencesOf(ours, theirs)
  })
}

function meaningOf(path: string, text: string): Meaning {
  const { lines } = parseEnvironment(new Text(path, text), 'node')
  return new Map(
    lines.map(({ name, value }) => {
      const content = value?.content ?? ''
      if (!SECRETS.some((secret) => secret.name === name)) return [name, content] as const
      return [name, content === '' ? 'empty' : isPlaceholder(content) ? 'a placeholder' : 'something that is no placeholder'] as const
    }),
  )
}

export const writer: Writer = { write: writeDotenv, compare: compareDotenv }
