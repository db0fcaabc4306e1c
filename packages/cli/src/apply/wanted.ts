import { readFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import type { Interface } from '@sallyport/core/evidence'
import { prefixRange, sameAddress } from '@sallyport/core/network'
import type { HostName, Policy } from '@sallyport/core/policy'
import { type ManagedApp, WRITABLE, type WrittenFile } from '@sallyport/core/systems'
import { loadPolicy, type PolicyOptions } from '../commands/policy.ts'
import { Failure, mistakeText, showLines } from '../failure.ts'
import { whyUnread } from '../system-words.ts'
import type { Applier } from './application.ts'
import { ownInterfaces } from './network.ts'

export interface WantedOptions extends PolicyOptions {
  /** The host of the policy that this machine is. Absent: told by its addresses. */
  readonly host?: string
  /** A file that a person wrote, in place of what the policy makes. */
  readonly file?: string
}

/** What the policy, or a person, wants here. */
export interface FromPolicy {
  readonly files: readonly WrittenFile[]
  /** What a manager of processes starts. */
  readonly apps: readonly ManagedApp[]
  /** Of the deployment: where the policy is. */
  readonly directory: string
}

const note = (text: string): void => void process.stderr.write(`${showLines(text)}\n`)

/** What is to be brought into force here: a file that is named, or what the policy of the present folder makes for this machine. */
export async function wantedHere(applier: Applier, options: WantedOptions): Promise<FromPolicy> {
  const directory = options.policy === undefined ? process.cwd() : dirname(resolve(options.policy))
  if (options.file !== undefined) return { files: [fileOf(options.file, applier)], apps: [], directory }
  const writer = await WRITABLE.find(({ name }) => name === applier.name)?.load()
  if (writer === undefined) throw new Failure(`${applier.name} is not written from a policy`, 'name a file with --file')
  const policy = await loadPolicy(process.cwd(), options, (mistake) => note(mistakeText(mistake, 'warning: ').join('\n')))
  if (policy === undefined) throw new Failure('there is no policy here', 'name one with --policy, or a file with --file')
  const interfaces = await ownInterfaces()
  const host = options.host ?? hostOf(policy, interfaces)
  const asked = { ...(host === undefined ? {} : { host }), links: linksOf(interfaces) }
  const written = writer.write(policy, asked)
  if (written.kind === 'refused') throw new Failure(written.why, written.next)
  const hosts = new Set(written.files.map((file) => file.host))
  if (hosts.size > 1) throw new Failure('which host of the policy is this machine? It has none of their addresses', 'say it with --host')
  const apps = [...hosts].flatMap((name) => (name === undefined ? [] : (writer.apps?.(policy, name, asked) ?? [])))
  // What is guessed of apps is not applied.
  if (apps.length === 0) for (const text of written.notes) note(`note: ${text}`)
  return { files: written.files.map((file) => ({ ...file, path: resolve(directory, file.path) })), apps, directory }
}

/** It is kept where its system looks for such files, once it is confirmed. */
function fileOf(path: string, { name, directory }: Applier): WrittenFile {
  if (directory === undefined) throw new Failure(`${name} takes no file`, 'leave out --file, or apply nftables')
  try {
    const absolute = resolve(path)
    return { path: absolute.startsWith('/etc/') ? absolute : `${directory}/${basename(path)}`, text: readFileSync(path, 'utf8') }
  } catch (error) {
    throw new Failure(`${path} could not be read: ${whyUnread(error)}`, 'name another with --file, or run it as a user who may read it')
  }
}

/** The one host of the policy that has an address of this machine's. */
function hostOf({ hosts }: Policy, interfaces: readonly Interface[]): HostName | undefined {
  const own = interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address))
  const found = [...hosts.values()].filter(({ addresses }) =>
    addresses.some(({ value }) => own.some((address) => sameAddress(address, value))),
  )
  return found.length === 1 ? found[0]?.name : undefined
}

/** The networks that this machine is on: whoever has an address of theirs is a neighbour. */
function linksOf(interfaces: readonly Interface[]) {
  return interfaces.flatMap(({ addresses }) =>
    addresses.flatMap(({ address, prefixLength, scope }) => (scope === 'global' ? [prefixRange(address, prefixLength)] : [])),
  )
}
