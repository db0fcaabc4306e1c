import { lstatSync, mkdirSync, realpathSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { show } from '@sallyport/core/evidence'
import { type AddressRange, parsePrefix } from '@sallyport/core/network'
import { type Policy, suggest } from '@sallyport/core/policy'
import {
  type Difference,
  type FileState,
  type Planned,
  WRITABLE,
  type WriteOptions,
  type Writer,
  type Written,
  type WrittenFile,
} from '@sallyport/core/systems'
import { unreadText, whyUnwritten } from '../system-words.ts'
import { writeWhole } from '../change/write.ts'
import { readFileState } from '../collect/files.ts'
import { EXIT } from '../exit.ts'
import { Failure, mistakeText } from '../failure.ts'
import { loadPolicy, type PolicyOptions } from './policy.ts'

export interface RenderOptions extends PolicyOptions {
  readonly host?: string
  /** Networks that the host is on, as prefixes. */
  readonly link: readonly string[]
  /** The folder below which the files are written, instead of to stdout. */
  readonly output?: string
  readonly force: boolean
  readonly check: boolean
  /** A file that describes what is there, for a writer that plans the way from that to what is wanted. */
  readonly there?: string
  /** Draw what this machine and the folder show, in place of what the policy says. */
  readonly seen: boolean
}

type Rendered = Extract<Written, { readonly kind: 'written' }>

/** `sallyport render SYSTEM [SERVICE]`: the text goes to stdout, what has to be added by hand to stderr. Without a system: which there are. */
export async function render(system: string | undefined, service: string | undefined, options: RenderOptions): Promise<number> {
  if (system === undefined) {
    process.stdout.write(WRITABLE.map(({ name, title }) => `${name.padEnd(WIDTH)}${title}\n`).join(''))
    return EXIT.clean
  }
  const writer = await writerOf(system)
  const made = options.seen ? await drawn(writer, system, options) : await written(writer, system, service, options)
  if (made.kind === 'refused') throw new Failure(made.why, made.next)
  for (const text of made.notes) note(`note: ${show(text, 400)}`)
  if (options.check) return told(isPlan(made) ? made.differences : await compared(writer, made, options))
  if (options.output !== undefined) writeBelow(options.output, made, options.force)
  else process.stdout.write(made.files.length === 1 ? (made.files[0]?.text ?? '') : placed(made.files).map(withName).join('\n'))
  return EXIT.clean
}

const WIDTH = 18

/** What the policy wants; with a file that tells what is there, the plan from that. */
async function written(writer: Writer, system: string, service: string | undefined, options: RenderOptions): Promise<Written | Planned> {
  const policy = await policyFor(service, options)
  const { host } = options
  const asked = { ...(service === undefined ? {} : { service }), ...(host === undefined ? {} : { host }), links: options.link.map(linkOf) }
  return options.there === undefined ? writer.write(policy, asked) : planned(writer, system, policy, options.there, asked)
}

/** Of what `check` sees from here: with a policy or without. */
async function drawn(writer: Writer, system: string, options: RenderOptions): Promise<Written> {
  if (writer.draw === undefined) throw new Failure(`${system} draws nothing that was seen`, 'leave out --seen; diagram and mermaid take it')
  const [{ lookAtAll }, { pictureOfReports }] = await Promise.all([import('./look.ts'), import('../query/picture.ts')])
  return writer.draw(pictureOfReports(await lookAtAll('.', { ...options, scope: 'both' })))
}

function isPlan(made: Rendered | Exclude<Planned, { readonly kind: 'refused' }>): made is Exclude<Planned, { readonly kind: 'refused' }> {
  return 'differences' in made
}

function linkOf(text: string): AddressRange {
  const range = parsePrefix(text)
  if (range === undefined) throw new Failure(`--link ${show(text, 60)} is no network`, 'write a prefix, as in --link 2001:db8:1::/64')
  return range
}

/** The plan from what a file tells of what is there. */
function planned(writer: Writer, system: string, policy: Policy, file: string, asked: WriteOptions): Planned {
  if (writer.plan === undefined)
    throw new Failure(`${system} plans nothing from what is there`, 'leave out --there; what files mean, --check compares')
  const state = readFileState(resolve(file).slice(1), { path: '/', chroot: false })
  if (state.kind !== 'text')
    throw new Failure(`${file} could not be read: it is ${unreadText(state, 'such a file')}`, 'name a text file with --there')
  return writer.plan(policy, state.text, asked)
}

const note = (text: string): void => void process.stderr.write(`${text}\n`)

async function writerOf(name: string): Promise<Writer> {
  const system = WRITABLE.find((each) => each.name === name)
  if (system === undefined) {
    const names = WRITABLE.map((each) => each.name)
    const near = suggest(name, names)
    throw new Failure(
      `nothing is rendered for ${show(name, 40)}`,
      near === undefined ? `there is ${names.join(', ')}` : `did you mean ${near}?`,
    )
  }
  return system.load()
}

async function policyFor(service: string | undefined, options: RenderOptions): Promise<Policy> {
  const policy = await loadPolicy(process.cwd(), options, (mistake) => note(mistakeText(mistake, 'warning: ').join('\n')))
  if (policy === undefined) throw new Failure('there is no policy here', 'name one with --policy, or write one with sallyport init')
  if (service !== undefined && !policy.services.has(service))
    throw new Failure(`the policy has no service ${service}`, `it has ${[...policy.services.keys()].join(', ')}`)
  if (options.host !== undefined && !policy.hosts.has(options.host))
    throw new Failure(`the policy has no host ${options.host}`, `it has ${[...policy.hosts.keys()].join(', ')}`)
  return policy
}

/** Where files are for several hosts, those of each are below its name. */
function placed(files: readonly WrittenFile[]): readonly WrittenFile[] {
  const isSeveral = new Set(files.map(({ host }) => host)).size > 1
  return files.map((file) => (isSeveral && file.host !== undefined ? { ...file, path: join(file.host, file.path) } : file))
}

/** As head(1) tells several files apart. */
function withName({ path, text }: WrittenFile): string {
  return `==> ${path} <==\n${text}`
}

function writeBelow(folder: string, { files }: Rendered, force: boolean): void {
  if (folder === '') throw new Failure('the name of the folder is empty', 'name one with --output; for the current one, .')
  const root = resolve(folder)
  const places = placed(files).map((file) => ({ ...file, place: join(root, file.path) }))
  let at = root
  try {
    const there = places.find(({ place }) => lstatSync((at = place), { throwIfNoEntry: false }) !== undefined)
    if (there !== undefined && !force)
      throw new Failure(`${there.place} is there already`, 'compare the two with --check, or replace it with --force')
    for (const { place } of places) refuseOutside((at = place), root)
    for (const { place, text, mode = 0o644 } of places) {
      at = place
      mkdirSync(dirname(place), { recursive: true })
      writeWhole(place, text, { replace: force, mode })
      note(`written: ${place}`)
    }
  } catch (error) {
    if (error instanceof Failure) throw error
    throw new Failure(`${at} could not be written: ${whyUnwritten(error, at)}`, 'name a folder with --output that you may write to')
  }
}

/** A link on the way may lead elsewhere: what is written below a folder stays below it. */
function refuseOutside(place: string, root: string): void {
  if (lstatSync(root, { throwIfNoEntry: false }) === undefined) return
  let directory = dirname(place)
  while (lstatSync(directory, { throwIfNoEntry: false }) === undefined) directory = dirname(directory)
  const below = `${realpathSync(root)}${sep}`.replace(/\/\/$/, '/')
  if (!`${realpathSync(directory)}${sep}`.startsWith(below))
    throw new Failure(`${place} is in a directory that a link leads to, outside of ${root}`, 'take the link away, or name another folder')
}

/** What is on this machine, or in the folder, against what the policy wants. */
async function compared(writer: Writer, { files }: Rendered, { output }: RenderOptions): Promise<readonly Difference[]> {
  const [{ compareFilters }, { sourceTools: tools }] = await Promise.all([import('@sallyport/core/reach'), import('../collect/source.ts')])
  const at = output === undefined ? files : placed(files)
  const hosts = new Set(files.map(({ host }) => host))
  if (output === undefined && hosts.size > 1 && files.some(({ path }) => path.startsWith('/')))
    throw new Failure('the policy is for several hosts', `say which one this machine is: --host ${[...hosts].join(' or --host ')}`)
  const there = (path: string): FileState =>
    path.startsWith('/') && output === undefined
      ? readFileState(path.slice(1), { path: '/', chroot: false })
      : readFileState(path.replace(/^\//, ''), { path: resolve(output ?? '.'), chroot: false })
  return writer.compare(at, there, { filters: compareFilters, tools })
}

/** Exit 1 where they differ. */
function told(found: readonly Difference[]): number {
  process.stdout.write(found.length === 0 ? 'nothing differs\n' : found.map((each) => `${differenceText(each)}\n`).join(''))
  return found.length === 0 ? EXIT.clean : EXIT.findings
}

function differenceText({ what, wanted, there }: Difference): string {
  if (there === undefined) return show(`${what}: is not there${wanted === undefined ? '' : `; wanted: ${wanted}`}`, 400)
  return show(`${what}: ${wanted === undefined ? 'is not wanted' : `wanted: ${wanted}`}; there: ${there}`, 400)
}
