import type { Process } from '../../evidence/index.ts'
import type { EndpointReach, Way } from '../../reach/index.ts'
import type { AuditContext } from '../audit.ts'
import { changesFor } from '../cures/changes.ts'
import type { RuleId } from '../catalogue.ts'
import type { Finding } from '../finding.ts'
import { administrationOf, statisticsOf } from '../join/debugger.ts'
import { imageName } from '../join/images.ts'
import type { PlannedBind } from '../join/planned.ts'
import type { ServiceRow } from '../join/service.ts'
import { debuggerOn } from './debuggers.ts'
import { fromBeyond, isDeclared, severityOf } from './intent.ts'
import { decidingRules, endpointWords, finding, holder, undecidedReach, whoReaches } from './words.ts'

/** A program that is known by its name, and by its port where the name cannot be seen. */
interface KnownService {
  readonly title: string
  /** The kernel's name of its process (comm, 15 bytes). */
  readonly processes: readonly string[]
  readonly ports: readonly number[]
  /** Its ports are its own in these processes alone, which have others for everybody. */
  readonly portsOf?: readonly string[]
  /** The last name of its usual container images. */
  readonly images: readonly string[]
}

const DATA_STORES: readonly KnownService[] = [
  {
    title: 'PostgreSQL',
    processes: ['postgres', 'postmaster'],
    ports: [5432],
    images: ['postgres', 'postgresql', 'postgis', 'pgvector', 'timescaledb'],
  },
  { title: 'MySQL', processes: ['mysqld', 'mariadbd'], ports: [3306], images: ['mysql', 'mariadb', 'percona'] },
  {
    title: 'Redis',
    processes: ['redis-server', 'valkey-server', 'keydb-server'],
    ports: [6379],
    images: ['redis', 'valkey', 'keydb', 'redis-stack'],
  },
  { title: 'MongoDB', processes: ['mongod'], ports: [27017], images: ['mongo', 'mongodb'] },
  { title: 'Memcached', processes: ['memcached'], ports: [11211], images: ['memcached'] },
  { title: 'Elasticsearch', processes: [], ports: [9200, 9300], images: ['elasticsearch', 'opensearch'] },
  { title: 'etcd', processes: ['etcd'], ports: [2379, 2380], images: ['etcd'] },
  { title: 'RabbitMQ', processes: ['beam.smp'], ports: [5672], images: ['rabbitmq'] },
  { title: 'CouchDB', processes: [], ports: [5984], images: ['couchdb'] },
  { title: 'ClickHouse', processes: ['clickhouse-serv'], ports: [8123, 9000], images: ['clickhouse', 'clickhouse-server'] },
  { title: 'Cassandra', processes: [], ports: [9042], images: ['cassandra', 'scylla'] },
  { title: 'Qdrant', processes: ['qdrant'], ports: [6333, 6334], images: ['qdrant'] },
]

const DEBUGGERS: readonly KnownService[] = [
  { title: 'the Node inspector', processes: [], ports: [9229], images: [] },
  { title: 'the Docker engine', processes: ['dockerd'], ports: [2375], images: [] },
  { title: 'Delve', processes: ['dlv'], ports: [2345], images: [] },
  { title: 'gdbserver', processes: ['gdbserver'], ports: [], images: [] },
  { title: 'debugpy', processes: [], ports: [5678], images: [] },
  { title: 'the Java debugger', processes: [], ports: [5005], images: [] },
  { title: 'Jupyter', processes: ['jupyter-noteboo', 'jupyter-lab'], ports: [], images: [] },
  { title: 'Caddy’s administration', processes: [], ports: [2019], portsOf: ['caddy'], images: [] },
]

/** Port numbers that programs of every kind use: there the process's name has to say it. */
const AMBIGUOUS_PORTS: ReadonlySet<number> = new Set([9000, 5678, 2345, 5005])

/** The data store whose own port this is; `undefined` also where other programs use it as much. */
export function dataStoreAt(port: number): string | undefined {
  return AMBIGUOUS_PORTS.has(port) ? undefined : DATA_STORES.find((store) => store.ports.includes(port))?.title
}

/** The data store that a service is, by its image, the names of its processes, or its port. */
export function dataStoreOf({ container, containers, processes }: ServiceRow, port: number | undefined): string | undefined {
  const images = [container, ...containers].flatMap((item) => (item?.claim.image === undefined ? [] : imageName(item.claim.image)))
  const store = DATA_STORES.find(
    (known) => known.images.some((image) => images.includes(image)) || processes.some(({ claim }) => known.processes.includes(claim.name)),
  )
  return store?.title ?? (port === undefined ? undefined : dataStoreAt(port))
}

export function isDataStoreImage(image: string): boolean {
  return DATA_STORES.some((store) => store.images.includes(imageName(image)))
}

/** A data store by the image that compose runs, or by the program that a command line names. */
export function isPlannedDataStore({ containers, planned }: ServiceRow): boolean {
  const programs = planned.flatMap(({ launch }) => launch?.claim.serves?.program ?? [])
  return (
    containers.some(({ claim }) => isDataStoreImage(claim.image ?? '')) ||
    DATA_STORES.some((store) => programs.some((name) => store.processes.includes(name)))
  )
}

/** `datastore-reachable` and `debugger-reachable`, for what the policy does not declare. */
export function checkKnown(context: AuditContext): readonly Finding[] {
  return context.rows.flatMap((row) =>
    row.now.flatMap((reach) =>
      row.declared === undefined || !isDeclared(row, reach)
        ? [...check(row, reach, DATA_STORES, 'datastore-reachable'), ...check(row, reach, DEBUGGERS, 'debugger-reachable')]
        : [],
    ),
  )
}

function check(row: ServiceRow, reach: EndpointReach, table: readonly KnownService[], rule: RuleId): readonly Finding[] {
  const pids = new Set(reach.endpoint.sockets.flatMap((socket) => socket.claim.processes))
  const processes = row.processes.filter((item) => pids.has(item.claim.pid)).map((item) => item.claim)
  const { port } = reach.endpoint
  const told =
    rule === 'debugger-reachable'
      ? (processes.flatMap((process) => debuggerOn(process, port) ?? [])[0] ?? pageAt(row, reach, administrationOf))
      : undefined
  const known = told ?? table.find((entry) => isIt(entry, port, processes))?.title
  const statistics = rule === 'debugger-reachable' && known === undefined ? pageAt(row, reach, statisticsOf) : undefined
  const title = known ?? statistics
  if (title === undefined) return []
  const beyond = fromBeyond(reach.ways)
  const ways = beyond.filter((way) => way.certainty === 'open')
  const severity = severityOf(ways)
  if (severity === undefined || ways[0] === undefined) return doubts(row, reach, title, beyond)
  return [
    finding({
      rule,
      severity: statistics !== undefined && (severity === 'high' || severity === 'critical') ? 'medium' : severity,
      service: row.name,
      message: `${title} on ${endpointWords(reach)} can be reached by ${whoReaches(ways)}`,
      places: decidingRules(ways[0]),
      fix:
        rule === 'datastore-reachable'
          ? 'bind it to 127.0.0.1, or to the private network of its clients'
          : 'bind it to 127.0.0.1, and come by an SSH tunnel',
      changes: changesFor(row, reach, ways),
      facts: [holder(row, reach)],
      key: `${reach.endpoint.protocol} ${reach.endpoint.port}`,
      ofEndpoint: true,
    }),
  ]
}

/** The page that a proxy which runs here is configured to offer on this port. */
function pageAt(
  { planned }: ServiceRow,
  { endpoint: { port, protocol } }: EndpointReach,
  pageOf: (plan: PlannedBind) => string | undefined,
): string | undefined {
  return planned.flatMap((plan) => (plan.port === port && plan.protocol === protocol ? (pageOf(plan) ?? []) : []))[0]
}

/** What would be a finding of weight if the packets that may arrive do. */
function doubts(row: ServiceRow, reach: EndpointReach, title: string, ways: readonly Way[]): readonly Finding[] {
  return undecidedReach(row, reach, title, ways, 'make the named part visible, or bind it to 127.0.0.1')
}

function isIt(entry: KnownService, port: number, processes: readonly Process[]): boolean {
  if (processes.some((process) => entry.processes.includes(process.name))) return true
  if (!entry.ports.includes(port)) return false
  if (entry.portsOf !== undefined) return processes.length === 0 || processes.some(({ name }) => entry.portsOf?.includes(name))
  return processes.length === 0 || (!AMBIGUOUS_PORTS.has(port) && entry.processes.length === 0)
}
