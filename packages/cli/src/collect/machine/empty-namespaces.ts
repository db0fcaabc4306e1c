import { type Gap, type NamespaceId, printable } from '@sallyport/core/evidence'
import { readNamespaceMounts } from '@sallyport/core/systems'
import { Shell } from '../shell.ts'
import type { Holders, NamespaceFile } from './holders.ts'
import type { KernelTable, SeenNamespace } from './namespaces.ts'
import { count, failure, type Observer, permission } from './observer.ts'
import { inodeOf, readLink, readProc } from './proc.ts'

/** What is asked of a namespace that nothing runs in, at once: the tables that anything here reads, below /proc/PID/net. */
const TABLES: readonly string[] = [
  ...['tcp', 'tcp6', 'udp', 'udp6', 'udplite', 'udplite6', 'protocols'],
  ...['dev', 'if_inet6', 'fib_trie', 'route', 'ipv6_route', 'ip_tables_names', 'ip6_tables_names'],
]
/** Each one that is entered takes a process; what is beyond is said. */
const MOST = 100

/**
 * Network namespaces that no process is in, and that live because a file stands for them somewhere (ip-netns(8)) or because a
 * process holds them open: sockets that were made inside are served from outside.
 */
export async function emptyNamespaces(
  observer: Observer,
  pids: readonly number[],
  holders: Holders,
  isSeen: (id: NamespaceId) => boolean,
): Promise<readonly SeenNamespace[]> {
  const found = new Map<NamespaceId, NamespaceFile>()
  for (const file of [...mounted(pids), ...holders.namespaces]) {
    const known = found.get(file.id)
    // Of several, one that leads there: another mount may hide a path.
    if (!isSeen(file.id) && (known === undefined || (!leadsThere(known) && leadsThere(file)))) found.set(file.id, file)
  }
  const entered = (await Promise.all([...found.values()].slice(0, MOST).map(enter))).flatMap((item) => item ?? [])
  const missed = stillThere(
    entered.flatMap((item) => ('why' in item ? [item] : [])),
    pids,
  )
  const first = missed[0]
  const more = Math.max(0, found.size - MOST)
  if (first !== undefined || more > 0)
    observer.miss(
      {
        code: first?.code ?? 'limit',
        what: `the sockets in ${count(missed.length + more, 'network namespace')} that no process is in (${first?.why ?? `no more than ${MOST} are entered`})`,
        ...(first?.code === 'denied' ? permission().remedy : {}),
        affects: { kind: 'sockets' },
      },
      { kind: 'kernel', path: first?.path ?? '/proc/self/mountinfo' },
    )
  return entered.flatMap((item) => ('why' in item ? [] : [item]))
}

/** In every mount namespace: what one has mounted, another need not see. */
function mounted(pids: readonly number[]): readonly NamespaceFile[] {
  const own = readLink('/proc/self/ns/mnt')
  const spaces = new Map<string | undefined, string>([[own, '/proc/self']])
  for (const pid of pids) {
    const space = readLink(`/proc/${pid}/ns/mnt`)
    if (space !== undefined && !spaces.has(space)) spaces.set(space, `/proc/${pid}`)
  }
  return [...spaces.values()].flatMap((folder) =>
    readNamespaceMounts(readProc(`${folder}/mountinfo`) ?? '').map(({ id, path }) => ({
      id,
      path: folder === '/proc/self' ? path : `${folder}/root${path}`,
    })),
  )
}

/** Something else may be mounted over it, and the path is whoever's who mounted it: it may lead elsewhere by now. */
function leadsThere({ id, path }: NamespaceFile): boolean {
  return inodeOf(path) === id
}

interface Missed {
  readonly id: NamespaceId
  readonly code: Gap['code']
  readonly why: string
  readonly path: string
}

/** Without those that have gone since they were listed. */
function stillThere(missed: readonly Missed[], pids: readonly number[]): readonly Missed[] {
  if (missed.every(({ code }) => code !== 'absent')) return missed
  const listed = new Set(mounted(pids).map(({ id }) => id))
  return missed.filter(({ code, id }) => code !== 'absent' || listed.has(id))
}

async function enter({ id, path }: NamespaceFile): Promise<SeenNamespace | Missed | undefined> {
  const shown = printable(path)
  const missed = (code: Gap['code'], why: string): Missed => ({ id, code, why, path: shown })
  if (!leadsThere({ id, path })) return missed('absent', 'not to be found by the path that it is mounted on')
  const shell = new Shell(path)
  const ran = await shell.run('grep', ['-a', '-H', '', ...TABLES.map((name) => `${FOLDER}${name}`)])
  // grep ends with 2 when one of the files is absent, and has printed the rest.
  if (ran.kind === 'failed' && OTHER_KIND.test(ran.stderr)) return undefined
  if (ran.kind !== 'ok' && (ran.kind !== 'failed' || ran.stdout === '')) {
    const { code, why } = failure(ran, 'util-linux')
    return missed(code, why)
  }
  const texts = new Map<string, string[]>()
  for (const line of ran.stdout.split('\n')) {
    const colon = line.indexOf(':')
    const name = line.slice(FOLDER.length, colon)
    if (colon < 0 || !line.startsWith(FOLDER)) continue
    const lines = texts.get(name)
    if (lines === undefined) texts.set(name, [line.slice(colon + 1)])
    else lines.push(line.slice(colon + 1))
  }
  const table = (name: string): KernelTable => ({ path: `${FOLDER}${name} in ${shown}`, text: texts.get(name)?.concat('').join('\n') })
  return { id, own: false, label: shown, entry: path, shell, table, tcpTable: async (name) => table(name) }
}

/** setns(2), EINVAL: the file stands for a namespace of another kind. */
const OTHER_KIND = /^nsenter: .*: Invalid argument$/m

/** Seen from a program that has entered. */
const FOLDER = '/proc/self/net/'
