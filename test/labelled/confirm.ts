/**
 * Confirms the labels: starts each project that can be started and compares its sockets with its label.
 *
 *     npx tsx test/labelled/confirm.ts [--record] [--json] [--jobs N] [NAME ...]
 *
 * NAME selects projects by a part of their name. `--record` writes `"confirmed": "ss"` into the labels that agree.
 * Exit 0 when all agree, 1 when one disagrees, 2 when it cannot be done here (it needs root, unshare, ip and ss).
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Exposure, type LabelledFolder, readLabelled, type Run, type ServerLabel } from './label.ts'
import { observe, type Socket } from './observe.ts'

interface Round {
  readonly run: Run
  /** What an undecided server is in this round. */
  readonly undecidedIs: Exposure | undefined
}

interface Result {
  readonly folder: string
  readonly labelled: string
  readonly observed: string
  readonly problems: readonly string[]
  readonly output: string
}

const describe = (sockets: readonly Socket[]): string =>
  sockets.map((socket) => `${socket.protocol} ${socket.address}:${socket.port}`).join(', ') || 'nothing'

const describeLabel = (servers: readonly ServerLabel[]): string =>
  servers.map((server) => `${server.protocol} ${server.port ?? '?'} ${server.exposure}`).join(', ') || 'nothing'

/** The sockets of one server: those on its port, or, when the port is not known, those on no other server's port. */
function socketsOf(server: ServerLabel, servers: readonly ServerLabel[], sockets: readonly Socket[]): readonly Socket[] {
  const same = sockets.filter((socket) => socket.protocol === server.protocol)
  if (server.port !== null) return same.filter((socket) => socket.port === server.port)
  return same.filter((socket) => !servers.some((other) => other.protocol === server.protocol && other.port === socket.port))
}

function problemsOf(servers: readonly ServerLabel[], undecidedIs: Exposure | undefined, sockets: readonly Socket[]): string[] {
  const problems: string[] = []
  const explained = new Set<Socket>()
  for (const server of servers) {
    const own = socketsOf(server, servers, sockets)
    for (const socket of own) explained.add(socket)
    const expected = server.exposure === 'undecided' ? (undecidedIs ?? 'undecided') : server.exposure
    const actual = own.length === 0 ? 'absent' : own.every((socket) => socket.loopback) ? 'loopback' : 'open'
    const agrees = expected === 'undecided' ? actual !== 'absent' : actual === expected
    if (!agrees) problems.push(`${server.protocol} ${server.port ?? '?'}: labelled ${expected}, is ${actual}`)
  }
  const strangers = sockets.filter((socket) => !explained.has(socket))
  if (strangers.length > 0) problems.push(`not labelled: ${describe(strangers)}`)
  return problems
}

function roundsOf({ label }: LabelledFolder): Round[] {
  const { runnable, alternatives = [] } = label
  if (!runnable) return []
  if (alternatives.length === 0) return [{ run: runnable, undecidedIs: undefined }]
  return alternatives.map(({ exposure, command = runnable.command, ...rest }) => ({ run: { ...rest, command }, undecidedIs: exposure }))
}

async function confirm(folder: LabelledFolder): Promise<Result> {
  const { servers } = folder.label
  const problems: string[] = []
  const observed: string[] = []
  let output = ''
  for (const { run, undecidedIs } of roundsOf(folder)) {
    const seen = await observe(folder.path, run, (sockets) => servers.every((server) => socketsOf(server, servers, sockets).length > 0))
    const found = problemsOf(servers, undecidedIs, seen.sockets)
    // A command that failed listens on nothing too, which proves nothing.
    if (seen.exited) found.push(`exited with ${seen.exited}`)
    observed.push(describe(seen.sockets))
    problems.push(...found)
    if (found.length > 0) output = seen.output
  }
  return { folder: folder.name, labelled: describeLabel(servers), observed: observed.join(' | '), problems, output }
}

async function record(folder: LabelledFolder): Promise<void> {
  const file = join(folder.path, 'label.json')
  const text = JSON.stringify({ ...folder.label, confirmed: 'ss' }, null, 2)
  const places = /\{\s*"file": ("[^"]*"),\s*"line": (\d+)\s*\}/g
  await writeFile(file, `${text.replace(places, '{ "file": $1, "line": $2 }')}\n`)
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { record: { type: 'boolean' }, json: { type: 'boolean' }, jobs: { type: 'string', default: '2' } },
    allowPositionals: true,
  })
  const all = await readLabelled()
  const chosen = all.filter(({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)))
  const queue = chosen.filter(({ label }) => label.runnable !== null)
  const startable = queue.length
  const results: Result[] = []
  const work = async (): Promise<void> => {
    for (let folder = queue.shift(); folder; folder = queue.shift()) {
      const result = await confirm(folder)
      results.push(result)
      if (values.record && result.problems.length === 0) await record(folder)
      process.stderr.write(`${result.problems.length === 0 ? 'agrees   ' : 'DISAGREES'} ${folder.name}\n`)
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, Number(values.jobs) || 1) }, work))
  results.sort((a, b) => (a.folder < b.folder ? -1 : 1))
  const wrong = results.filter(({ problems }) => problems.length > 0)

  if (values.json) console.log(JSON.stringify(results, null, 2))
  else {
    for (const { folder, labelled, observed, problems } of results) {
      console.log(`${problems.length === 0 ? 'ok ' : 'BAD'} ${folder.padEnd(44)} ${labelled.padEnd(40)} ${observed}`)
    }
    for (const { folder, problems, output } of wrong) console.log(`\n${folder}: ${problems.join('; ')}\n${output}`)
    console.log(`\n${chosen.length} folders, ${startable} started, ${startable - wrong.length} agree, ${wrong.length} disagree`)
  }
  return wrong.length > 0 ? 1 : 0
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
