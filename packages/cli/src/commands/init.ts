import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import {
  type AuditReport,
  type LeftOut,
  leftOut,
  predictedEndpoints,
  type Seen,
  seenServices,
  type ServiceRow,
} from '@sallyport/core/audit'
import { includesPort, type PortRange, printable, show } from '@sallyport/core/evidence'
import { parsePolicy, writePolicy } from '@sallyport/core/policy'
import { whyUnwritten } from '../system-words.ts'
import { writeWhole } from '../change/write.ts'
import { EXIT } from '../exit.ts'
import { Failure } from '../failure.ts'
import { counted, placeText, reachText, runnerText } from '../report/words.ts'
import { folderAt, look, type Scope } from './look.ts'
import { policiesIn } from './policy.ts'

export interface InitOptions {
  readonly scope: Scope
  readonly stdout: boolean
  readonly force: boolean
}

/** `sallyport init [folder]`: a commented policy from what is seen. It never makes anything public that it does not know to be meant so. */
export async function init(folder: string, options: InitOptions): Promise<number> {
  const target = options.stdout ? '' : targetIn(folderAt(folder, options.scope), options.force)
  const report = await look(folder, { scope: options.scope, ignorePolicy: true })
  const services = seenServices(report).map((seen) => ({ ...seen.service, notes: notesOf(seen) }))
  const left = leftOutLines(report)
  if (services.length === 0)
    throw new Failure(left.length === 0 ? NOTHING[options.scope] : 'nothing that is seen has a port of this machine', BY_HAND, left)
  const text = writePolicy(policyName(folder), services)
  // What is written must be read: a policy with a mistake would be worse than none.
  const mistakes = parsePolicy({ files: new Map([['sallyport.yaml', text]]), entry: 'sallyport.yaml' }).diagnostics.filter(
    (item) => item.severity === 'error',
  )
  if (mistakes[0] !== undefined)
    throw new Failure(
      `the policy that was made from what is seen is not valid: ${mistakes[0].message}`,
      'please report it, with the output of `sallyport check --format json`',
    )
  if (options.stdout) process.stdout.write(text)
  else {
    write(target, text, options.force)
    process.stdout.write(
      `wrote ${printable(target)} with ${counted(services.length, 'service')}; read every \`from\` and all \`routes\`, then run sallyport check\n`,
    )
  }
  if (left.length > 0)
    process.stderr.write(
      `${left.map((line) => `note: ${line}\n`).join('')}  declare them by hand where the policy is to hold for them too: docs/policy.md\n`,
    )
  return EXIT.clean
}

const BY_HAND = 'write the policy by hand: docs/policy.md'

const WHY_LEFT_OUT: Readonly<Record<LeftOut, string>> = {
  'another-namespace': 'in a network namespace that is neither this machine’s own nor a container’s',
  'port-taken': 'another service has the port; check tells which',
  'container-network': 'listens in its container network only, and has no port of this machine',
  'only-calls': 'has only sockets from which it calls others',
  'no-port': 'its port is not known',
  debugger: 'a debugger: whoever reaches it runs code',
}
/** So many names of a kind are told. */
const MOST_NAMES = 10

/** What was seen and is not written, by why, a line each. */
function leftOutLines(report: AuditReport): readonly string[] {
  const names = new Map<LeftOut, string[]>()
  for (const { row, why, port } of leftOut(report))
    names.set(why, [...(names.get(why) ?? []), show(port === undefined ? row.name : `port ${port} of ${row.name}`)])
  return [...names].map(([why, all]) => {
    const more = all.length > MOST_NAMES ? ` and ${counted(all.length - MOST_NAMES, 'more', 'more')}` : ''
    return `left out: ${all.slice(0, MOST_NAMES).join(', ')}${more} (${WHY_LEFT_OUT[why]})`
  })
}

const NOTHING: Readonly<Record<Scope, string>> = {
  folder: 'no file here starts anything that would listen',
  host: 'nothing listens on this machine',
  both: 'nothing listens here, and no file starts anything that would',
}

function write(target: string, text: string, force: boolean): void {
  try {
    writeWhole(target, text, { replace: force })
  } catch (error) {
    throw new Failure(
      `${target} could not be written: ${whyUnwritten(error, target)}`,
      'print it with --stdout, and put it where this user may write',
    )
  }
}

/** Where the policy is written: in place of the one that is there, never beside it, and never where a link leads. */
function targetIn(folder: string, force: boolean): string {
  const [existing, second] = policiesIn(folder)
  if (second !== undefined) throw new Failure(`there are two policies, ${existing} and ${second}`, 'take one away first')
  if (existing !== undefined) refuseToReplace(existing, force)
  const json = join(folder, 'sallyport.json')
  if (existing === undefined && !force && existsSync(json))
    throw new Failure(
      `${json} is there already`,
      'if it is the policy, name it with --policy, or rename it to sallyport.yaml (JSON is YAML); if not, write sallyport.yaml beside it with --force',
    )
  return existing ?? join(folder, 'sallyport.yaml')
}

function refuseToReplace(existing: string, force: boolean): void {
  const stat = lstatSync(existing)
  if (stat.isSymbolicLink())
    throw new Failure(
      `${existing} is a link to ${readlinkSync(existing)}, and nothing is written through a link`,
      'take the link away, or print the policy with --stdout and put it there yourself',
    )
  if (!stat.isFile()) throw new Failure(`${existing} is no file`, 'take it away, or print the policy with --stdout')
  if (!force) throw new Failure(`${existing} is there already`, 'look at a new one with --stdout, or replace it with --force')
}

function policyName(folder: string): string {
  return (
    basename(realpathSync(resolve(folder)))
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'deployment'
  )
}

/** Why it is written so, for a person to check. */
function notesOf({ row, place, meant, service }: Seen): readonly string[] {
  const unseen = row === undefined ? 'as its configuration has it' : row.now.length > 0 ? 'by a process that was not seen' : 'not running'
  const who = (row === undefined ? undefined : runnerText(row)) ?? unseen
  return [
    `${who}${place === undefined ? '' : `, ${placeText(place)}`}`,
    ...(meant.length > 0 || row === undefined ? meant : openNotes(row, service.ports)),
  ]
}

function openNotes(row: ServiceRow, ports: readonly PortRange[]): readonly string[] {
  const isOwn = (port: number | undefined): boolean => port === undefined || ports.some((range) => includesPort(range, port))
  const open = row.now.find(({ ways }) => ways.some(({ at }) => isOwn(at.port)))
  if (open !== undefined)
    return [`open now to ${reachText(open, 'if what stands before this machine lets it through')}; if that is meant, say so in from`]
  const opens = predictedEndpoints(row).some(
    ({ exposure, port }) => (exposure === 'every-interface' || exposure === 'address') && isOwn(port),
  )
  return row.now.length === 0 && opens ? ['its files open it to others; if that is meant, say so in from'] : []
}
