import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addressSet, hasAddress, parseAddress } from '@sallyport/core/network'
import type { Host } from '../../lab/index.ts'
import type { explainData } from '../../packages/cli/src/report/explain-data.ts'

const CLI = join(fileURLToPath(new URL('../..', import.meta.url)), 'packages/cli/dist/main.js')

export type Explained = ReturnType<typeof explainData>
type Endpoint = Explained['services'][number]['endpoints'][number]
type Way = NonNullable<Endpoint['fromMachine']>['reach'][number]

/** What `explain SERVICE --from FROM` says, as data, on a host of the lab. */
export async function explained(host: Host, service: string, from = 'host'): Promise<Explained> {
  const args = ['explain', service, '--from', from, '--scope', 'host', '--format', 'json', '--folder', '/var/lib/dpkg']
  const { stdout } = await host.run(['node', CLI, ...args], { cwd: '/var', timeoutMs: 60_000 })
  return JSON.parse(stdout) as Explained
}

/** What is said of a packet that the host sends to `at`: to services in its own network namespace every one that is addressed to them arrives. */
export function saidOfOwn(
  all: readonly Explained[],
  at: string,
  source: string | undefined,
  protocol: 'tcp' | 'udp' = 'tcp',
): 'open' | 'maybe' | 'closed' {
  const endpoints = all
    .flatMap(({ services }) => services.flatMap((service) => service.endpoints))
    .filter((endpoint) => endpoint.protocol === protocol)
  if (endpoints.some((endpoint) => endpoint.fromMachine === null && at.endsWith(`:${endpoint.port}`))) return 'open'
  const found = endpoints
    .flatMap((endpoint) => endpoint.fromMachine?.reach ?? [])
    .filter((way) => way.at === at && isOf(way, source ?? chosen(way)))
  return found.some(({ verdict }) => verdict === 'open') ? 'open' : found.length > 0 ? 'maybe' : 'closed'
}

/** What the first step says that routing chooses. */
function chosen({ path }: Way): string {
  return / as (\S+) unless /.exec(path[0]?.text ?? '')?.[1] ?? ''
}

function isOf({ sources }: Way, source: string): boolean {
  const address = parseAddress(source)
  return address !== undefined && hasAddress(addressSet(...sources), address)
}
