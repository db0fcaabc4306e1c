import { auditHosts, movePort, recordWhy, type AuditReport, type ServiceRow } from '@sallyport/core/audit'
import { type Evidence, evidenceOf, printable } from '@sallyport/core/evidence'
import { applyTexts } from '../change/apply.ts'
import { isConfirmed } from '../change/ask.ts'
import { answerWithin, isListening } from '../change/moved.ts'
import { colorsFor } from '../change/show.ts'
import type { NewText } from '../change/targets.ts'
import { openFolder, type OpenFolder } from '../collect/folder/index.ts'
import { sourceTools } from '../collect/source.ts'
import { EXIT } from '../exit.ts'
import { Failure, mistakeText } from '../failure.ts'
import { obstaclesTo, portOf, refuseTwins, rowToMove } from '../query/move.ts'
import { moveData, moveText, type Moving } from '../report/move.ts'
import { folderAt, recovered } from './look.ts'
import { environmentOf, loadPolicy, otherEnvironments, type PolicyOptions } from './policy.ts'

export interface MoveOptions extends PolicyOptions {
  readonly folder: string
  readonly scope: 'folder' | 'both'
  /** The old port, where the policy does not tell it. */
  readonly from?: number
  readonly docs: boolean
  readonly force: boolean
  readonly dryRun: boolean
  readonly yes: boolean
  /** Wait for the new address afterwards; `true`: the one that the policy tells. */
  readonly verify?: string | true
  /** Seconds. */
  readonly wait: number
  readonly format: 'text' | 'json'
  readonly color: boolean
}

type Texts = readonly (NewText & { readonly from: string })[]

/** `sallyport ports move SERVICE PORT` (V8): every place that repeats the port, by what it means, in one reviewed step. */
export async function move(service: string, port: number, options: MoveOptions): Promise<number> {
  if (options.format === 'json' && !options.yes && !options.dryRun)
    throw new Failure('--format json asks nobody', 'add --dry-run to look at what would be done, or --yes')
  const url = urlOf(options.verify)
  const looked = await lookAt(options)
  const { folder, report, others } = looked
  const row = rowToMove(report, service)
  const from = options.from ?? portOf(row)
  if (row.declared !== undefined && portOf(row) === port && options.verify !== undefined)
    return verified(row, options.from, port, url, options)
  if (from === port) throw new Failure(`${row.name} is on port ${port} already`, 'name the old port with --from, if places are left')
  refuseTwins(report, row, from, options.force)
  const obstacles = obstaclesTo(report, row, port, others)
  if (obstacles.length > 0 && !options.force)
    throw new Failure(
      `${row.name} should not move to ${port}: ${obstacles.join('; ')}`,
      'take another one (sallyport ports lists free ones), or insist with --force',
    )
  const moving = await planned(row, from, port, looked, options)
  const say = (text: string): void => void process.stdout.write(text)
  if (options.format === 'text') say(moveText(moving, colorsFor(options.color)))
  const [doubt] = moving.doubts
  if (doubt !== undefined && !options.dryRun && !options.force)
    throw new Failure(`nothing was changed: ${doubt}`, 'give it the port in a file or variable first, or insist with --force')
  if (options.dryRun || !(await isConfirmed(`move ${row.name} to ${port}?`, options.yes))) {
    if (options.format === 'json') say(json(moving, false))
    else process.stderr.write('nothing was changed\n')
    return EXIT.clean
  }
  await applyTexts(
    folder.root,
    'ports move',
    moving.texts.map((text) => ({ ...text, path: folder.files.nameOf(text.path) })),
  )
  if (options.format === 'json') say(json(moving, true))
  process.stderr.write('written; sallyport undo takes it back\n')
  if (options.verify !== undefined) return verified(row, from, port, url, options)
  process.stderr.write(`restart ${row.name}, then: ${verifyCommand(service, from, port, options)}\n`)
  return EXIT.clean
}

const json = (moving: Moving, written: boolean): string => `${JSON.stringify(moveData(moving, written), null, 2)}\n`

interface Looked {
  readonly folder: OpenFolder
  readonly evidence: readonly Evidence[]
  readonly report: AuditReport
  readonly others: Awaited<ReturnType<typeof otherEnvironments>>
  /** As it would be with these texts. */
  readonly again: (instead: ReadonlyMap<string, string>) => Promise<AuditReport>
}

async function lookAt(options: MoveOptions): Promise<Looked> {
  const root = await recovered(folderAt(options.folder, 'folder'))
  const folder = await openFolder(root)
  const now = Date.now()
  const policy = await loadPolicy(
    root,
    options,
    (mistake) => void process.stderr.write(`${mistakeText(mistake, 'warning: ').join('\n')}\n`),
  )
  const machine =
    options.scope === 'folder' ? [] : await (await import('../collect/machine/index.ts')).collectMachine(now, process.env, root)
  const environment = environmentOf(options)
  const audited = (evidence: readonly Evidence[], as: typeof policy): AuditReport => {
    const [report] = auditHosts([{ evidence, policy: as, folder: root, now, environment }])
    if (report === undefined) throw new Error('an audit of one host has one report')
    return report
  }
  const evidence = [...(await folder.read(now)), ...machine]
  return {
    folder,
    evidence,
    report: audited(evidence, policy),
    others: await otherEnvironments(root, options),
    again: async (instead) => audited(await folder.read(now, instead), await loadPolicy(root, options, () => {}, instead)),
  }
}

async function planned(row: ServiceRow, from: number, to: number, looked: Looked, options: MoveOptions): Promise<Moving> {
  const { folder, evidence, report, others } = looked
  const built = new Set(
    evidenceOf(evidence, 'bind').flatMap(({ claim, origin }) =>
      claim.builtFrom !== undefined && origin.kind === 'file' ? [origin.path] : [],
    ),
  )
  const files = new Map<string, string>()
  const unread: string[] = []
  const paths = [...folder.files.paths]
  const records = new Set(paths.filter((path) => built.has(path) || recordWhy(path) !== undefined))
  // Records last: there is a bound to what is kept.
  for (const path of [...paths.filter((each) => !records.has(each)), ...records]) {
    const state = folder.files.load(path)
    if (state.kind === 'text' && state.text.includes(String(from))) files.set(path, state.text)
    else if ((state.kind === 'denied' || state.kind === 'too-large') && !records.has(path)) unread.push(path)
  }
  const move = movePort({
    evidence,
    policy: report.policy,
    rows: report.rows,
    row,
    from,
    to,
    files,
    built,
    environment: environmentOf(options),
    otherEnvironments: others,
    docs: options.docs,
    tools: sourceTools,
  })
  const [shared] = move.shared
  if (shared !== undefined) {
    const { path, span } = shared.place
    throw new Failure(
      `${path}:${span.start.line}:${span.start.column} gives ${row.name} its port in ${shared.environments.join(', ')} too`,
      `give ${environmentOf(options)} a port of its own under environments, and run it again`,
    )
  }
  if (move.edits.length === 0) throw new Failure(`no file here gives ${row.name} the port ${from}`, 'name the old port with --from')
  const texts = editedTexts(files, move.edits)
  const notes = unread.map((path) => `${path} could not be read, and was not looked at`)
  return { service: row.name, from, to, move, texts, notes, doubts: await doubts(row, move, { from, to, texts, built }, looked) }
}

function editedTexts(files: ReadonlyMap<string, string>, edits: ReturnType<typeof movePort>['edits']): Texts {
  return [...new Set(edits.map(({ path }) => path))].map((path) => {
    const from = files.get(path) ?? ''
    const to = edits
      .filter((edit) => edit.path === path)
      .toSorted((a, b) => b.start - a.start)
      .reduce((text, edit) => text.slice(0, edit.start) + edit.text + text.slice(edit.end), from)
    return { path, from, to }
  })
}

/** What the files say when they are read again as they would be: that is what a start goes by. */
async function doubts(
  row: ServiceRow,
  { inner, changed }: Moving['move'],
  { from, to, texts, built }: Pick<Moving, 'from' | 'to' | 'texts'> & { readonly built: ReadonlySet<string> },
  { again }: Looked,
): Promise<readonly string[]> {
  if (inner === 'stays' && !changed.some(({ role }) => role === 'published port' || role === 'port' || role === 'variable'))
    return [`nothing here gives the container of ${row.name} its port, and none is published`]
  // What is built anew says what its source does.
  const then = new Map([...[...built].map((path) => [path, ''] as const), ...texts.map(({ path, to: text }) => [path, text] as const)])
  const after = await again(then).catch((error: unknown) => {
    throw error instanceof Failure
      ? new Failure(`nothing was changed: with ${to} ${error.message}`, 'take another port', error.details)
      : error
  })
  const now = after.rows.find((other) =>
    row.declared === undefined ? other.name === row.name : other.declared?.name === row.declared.name,
  )
  const isPlanned = row.planned.some((plan) => plan.port === from)
  const ports = new Set(now?.planned.map((plan) => plan.port))
  if (now !== undefined && ports.has(from)) return [`a start of ${row.name} would still be on ${from}`]
  if (isPlanned && now !== undefined && !ports.has(to)) return [`no start of ${row.name} that was read would be on ${to}`]
  return []
}

function urlOf(verify: string | true | undefined): URL | undefined {
  if (typeof verify !== 'string') return undefined
  const url = URL.canParse(verify) ? new URL(verify) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new Failure(`${verify} is no URL`, 'write it whole: http://127.0.0.1:9847/health')
}

/** As a shell takes it, whatever is in its words. */
function verifyCommand(service: string, from: number, port: number, { environment, policy, folder }: MoveOptions): string {
  const words = [
    ...['sallyport', 'ports', 'move', service, String(port), '--from', String(from)],
    ...(environment === undefined ? [] : ['--environment', environment]),
    ...(policy === undefined ? [] : ['--policy', policy]),
    ...(folder === '.' ? [] : ['--folder', folder]),
    '--verify',
  ]
  return printable(words.map((word) => (/^[\w./:-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' '))
}

/** Waits for the new address, and sees that nothing is left on the old one. */
async function verified(
  row: ServiceRow,
  from: number | undefined,
  port: number,
  url: URL | undefined,
  { wait }: MoveOptions,
): Promise<number> {
  const asked = url ?? new URL(`http://127.0.0.1:${port}${row.declared?.http?.health ?? '/'}`)
  process.stderr.write(`waiting up to ${wait} s for ${asked.href}\n`)
  const answer = await answerWithin(asked, wait * 1_000)
  const isLeft = from !== undefined && from !== port && (await isListening(asked.hostname, from))
  const lines = [
    answer.kind === 'status' ? `${asked.href} answers with ${answer.status}` : `${asked.href} does not answer: ${answer.why}`,
    ...(from === undefined || from === port ? [] : [isLeft ? `something still listens on ${from}` : `nothing listens on ${from}`]),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  return answer.kind === 'status' && answer.status < 500 && !isLeft ? EXIT.clean : EXIT.findings
}
