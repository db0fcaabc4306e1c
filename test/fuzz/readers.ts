import { audit } from '@sallyport/core/audit'
import { type Evidence, Text } from '@sallyport/core/evidence'
import { addressSet, FAMILIES, isSubset, parseAddress, sourceAddresses, sourceSet, unionOf } from '@sallyport/core/network'
import {
  type Context,
  type FileState,
  parseIpJson,
  parseJson,
  type Reader,
  readBoundary,
  readCgroup,
  readContainer,
  readEnviron,
  readInterfaces,
  readKernelInterfaces,
  readNamespaceMounts,
  readIptablesSave,
  readNetwork,
  readNftJson,
  readNftText,
  readProcNet,
  readProcRoute,
  readProcRoute6,
  readProtocols,
  readRoutes,
  readRules,
  readSs,
  readStat,
  items,
  joinRulesets,
  type NetfilterReading,
  type Snapshot,
  type System,
  SYSTEMS,
} from '@sallyport/core/systems'
import { sourceTools } from '../../packages/cli/src/collect/source.ts'
import { reportData } from '../../packages/cli/src/report/data.ts'
import { sarifReport } from '../../packages/cli/src/report/sarif.ts'
import { textReport } from '../../packages/cli/src/report/text.ts'
import { walkInbound } from '../../packages/core/src/reach/netfilter/index.ts'
import { proxyRoutes } from '../../packages/core/src/reach/requests/index.ts'
import { readDump, splitDump } from '../../packages/core/src/systems/nginx/dump.ts'
import { matchesGlob } from '../../packages/core/src/systems/nginx/glob.ts'
import { corpusOf, type Files, folders, machineText, matchedBy, netfilterTexts } from './corpus.ts'
import { wrongPlace } from './places.ts'

/** One reader with what it is tried on. `read` throws where the reader does, or where what it gave is wrong; it gives back how many gaps there were. */
export interface Tried {
  readonly name: string
  readonly corpus: readonly Files[]
  /** The files of a case that are mutated. */
  mutable(files: Files): readonly string[]
  read(files: Files): number
}

const CONTEXT: Context = { host: 'host', standing: 'configured', capturedAt: 0 }

interface Whole {
  readonly evidence: readonly Evidence[]
  /** The files that it saw; one that is not there is empty. */
  readonly files: Files
}

/** As the collector calls a reader: again and again, with what it asked for, until it needs nothing more. */
function readWhole(system: System, reader: Reader, files: Files): Whole {
  const matched = matchedBy(system, files)
  const asked = new Set(matched)
  const globs = new Map<string, readonly string[]>()
  const paths = [...files.keys()].toSorted()
  const states = new Map([...files].map(([path, text]): [string, FileState] => [path, { kind: 'text', text }]))
  const snapshot: Snapshot = {
    matched,
    paths: new Set(paths),
    // One and the same each time, as the collector gives it: readers keep by it what they have found.
    file: (path) => (asked.has(path) ? (states.get(path) ?? { kind: 'absent' }) : undefined),
    glob: (pattern) => globs.get(pattern),
    context: CONTEXT,
  }
  for (let round = 0; round <= 60; round++) {
    const { evidence, needs, globs: patterns } = reader.read(snapshot, sourceTools)
    const more = [...needs.filter((path) => !asked.has(path)), ...patterns.filter((pattern) => !globs.has(pattern))]
    // The collector stops at as many, and reports it.
    if (more.length === 0 || asked.size + globs.size > 2000)
      return { evidence, files: new Map([...asked].map((path) => [path, files.get(path) ?? ''])) }
    for (const path of needs) asked.add(path)
    for (const pattern of patterns)
      globs.set(
        pattern,
        paths.filter((path) => matchesGlob(pattern, path)),
      )
  }
  throw new Error('it never has enough')
}

function checked(evidence: readonly Evidence[], files: Files): number {
  const wrong = wrongPlace(evidence, files)
  if (wrong !== undefined) throw new Error(wrong)
  let gaps = 0
  for (const { claim } of evidence) {
    if (claim.claim === 'gap') gaps++
    // What is read is worked with at once: reach through a proxy is computed from its servers.
    if (claim.claim === 'proxy') proxyRoutes(claim.servers)
  }
  return gaps
}

async function ofSystem(system: System): Promise<Tried> {
  const reader = await system.load()
  return {
    name: system.name,
    corpus: corpusOf(system),
    mutable: (files) => matchedBy(system, files),
    read: (files) => {
      const whole = readWhole(system, reader, files)
      return checked(whole.evidence, whole.files)
    },
  }
}

/** A whole folder: every system, the audit of all together, and the report in each format. */
async function ofFolder(): Promise<Tried> {
  const readers = await Promise.all(SYSTEMS.map(async (system) => ({ system, reader: await system.load() })))
  return {
    name: 'folder',
    corpus: folders().filter((files) => SYSTEMS.some((system) => matchedBy(system, files).length > 0)),
    mutable: (files) => [...files.keys()].filter((path) => path !== 'sallyport.yaml'),
    read: (files) => {
      const evidence = readers.flatMap(({ system, reader }) =>
        matchedBy(system, files).length > 0 ? readWhole(system, reader, files).evidence : [],
      )
      const report = audit({ evidence, policy: undefined, folder: '/srv/app', now: 0, environment: undefined })
      const answers = [
        textReport(report, { color: false, verbose: true, folder: true }),
        JSON.stringify(reportData(report)),
        sarifReport([report], '/srv/app'),
      ]
      // biome-ignore format: one character class
      if (answers.some((answer) => /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u.test(answer))) throw new Error('a control character in a report')
      return report.gaps.length
    },
  }
}

/** A reader of one text that some command printed, or the kernel. */
function ofText(name: string, corpus: readonly string[], read: (text: string) => number): Tried {
  return {
    name,
    corpus: corpus.map((text) => new Map([['text', text]])),
    mutable: () => ['text'],
    read: (files) => read(files.get('text') ?? ''),
  }
}

const SOURCES = sourceSet(addressSet('203.0.113.0/24', '2001:db8:77::/48'))
const SERVER = addressSet('198.51.100.10', '2001:db8:51::10')

/** Places in the text, and packets through the rules. */
function throughRules(reading: NetfilterReading, text: string, nft: boolean): number {
  const { rulesets, gaps } = joinRulesets(nft ? { nft: reading, iptables: [] } : { iptables: [{ family: 4, backend: 'nft', reading }] })
  for (const family of FAMILIES) {
    const destination = parseAddress(family === 4 ? '198.51.100.10' : '2001:db8:51::10')
    if (destination === undefined) throw new Error('no destination')
    const outcomes = walkInbound(
      rulesets,
      { inbound: 'eth0', family, protocol: 'tcp', destination, port: 80, sources: SOURCES },
      { localAddresses: SERVER, route: () => ({ kind: 'local' }) },
    )
    const covered = unionOf(outcomes.map(({ sources }) => sourceAddresses(sources)))
    if (!isSubset(addressSet(family === 4 ? '203.0.113.0/24' : '2001:db8:77::/48'), covered))
      throw new Error('some packets have no outcome')
    // The text of a rule is made when it is asked for.
    for (const { trail } of outcomes) JSON.stringify(trail, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
  }
  const evidence = gaps.map(({ gap, origin }): Evidence => ({ ...CONTEXT, claim: gap, origin }))
  const inFiles = evidence.filter(({ origin }) => origin.kind === 'file')
  return checked(inFiles, new Map([['rules', text]])) + evidence.length - inFiles.length
}

const KERNEL_TABLES = ['dev', 'if-inet6', 'fib-trie', 'route', 'ipv6-route', 'protocols', 'mountinfo'] as const

function machineReaders(): readonly Tried[] {
  const tables = (['tcp', 'tcp6', 'udp', 'udp6'] as const).map((table) => machineText(`proc-net-${table}.txt`))
  const sets =
    '*filter\n:INPUT DROP [0:0]\n-A INPUT -m set --match-set s src,dst -j ACCEPT\n-A INPUT -m set ! --match-set l src -j ACCEPT\nCOMMIT\n'
  return [
    ofText('iptables-save', [machineText('iptables.txt'), machineText('ip6tables.txt'), ...netfilterTexts(/tables-/)], (text) =>
      throughRules(readIptablesSave(text, { family: text.length % 2 === 0 ? 4 : 6, backend: 'nft', path: 'rules' }), text, false),
    ),
    ofText('nft', netfilterTexts(/^nft$/), (text) => throughRules(readNftJson(text, { path: 'rules' }), text, true)),
    ofText(
      'nft-text',
      folders().flatMap((files) => [...files].flatMap(([path, text]) => (path.endsWith('.nft') ? [text] : []))),
      (text) => throughRules(readNftText(new Text('rules', text)), text, true),
    ),
    ofText('ipset', [machineText('ipset.txt'), ...netfilterTexts(/^ipset$/)], (text) =>
      throughRules(readIptablesSave(sets, { family: 4, backend: 'nft', ipsets: text }), sets, false),
    ),
    ofText('proc-net', tables, (text) => (readProcNet(text, text.length % 2 === 0 ? 'tcp' : 'udp').complete ? 0 : 1)),
    ofText('ss', [machineText('ss.txt')], (text) => (readSs(text).size === 10 ? 0 : 1)),
    ofText('ip', [machineText('ip-address.json'), machineText('ip-route.json')], (text) => {
      const json = parseIpJson(text)
      return readInterfaces(json, json).unread + readRoutes(json).unread + readRules(json, 4).unread
    }),
    ofText(
      'kernel-tables',
      KERNEL_TABLES.map((name) => machineText(`kernel-${name}.txt`)),
      (text) => {
        const interfaces = readKernelInterfaces({ dev: text, if_inet6: text, fib_trie: text, route: text })
        const routes = [...readProcRoute(text), ...readProcRoute6(text)]
        return interfaces.length + routes.length + readProtocols(text).size + readNamespaceMounts(text).length === 0 ? 1 : 0
      },
    ),
    ofText('process', [machineText('stat.txt'), machineText('cgroup.txt'), machineText('environ.txt')], (text) => {
      readCgroup(text)
      readEnviron(text)
      readBoundary({ vendor: text, product: text, kernel: text, dockerMark: false, podmanMark: false, initialUserNamespace: true })
      return readStat(text) === undefined ? 1 : 0
    }),
    ofText('docker', [machineText('container.json'), machineText('networks.json')], (text) => {
      const json = parseJson(text)
      const container = readContainer(json, 'docker')
      return (container === undefined ? 1 : 0) + items(json).filter((item) => readNetwork(item, 'docker') === undefined).length
    }),
    ofText(
      'nginx -T',
      folders().flatMap((files) => files.get('nginx -T') ?? []),
      (text) => checked(readDump(text, CONTEXT)?.evidence ?? [], splitDump(text)),
    ),
  ]
}

/** Every reader there is. */
export async function readers(): Promise<readonly Tried[]> {
  return [...(await Promise.all(SYSTEMS.map(ofSystem))), await ofFolder(), ...machineReaders()]
}
