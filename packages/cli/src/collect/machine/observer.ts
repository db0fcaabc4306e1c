import { hostname } from 'node:os'
import { type Claim, type Evidence, type Gap, type NamespaceId, type Origin, printable, show } from '@sallyport/core/evidence'
import { type Context, evidenceIn } from '@sallyport/core/systems'
import type { Ran } from '../run.ts'
import { readProc } from './proc.ts'

/** Gathers the evidence of one look at this machine; every part of the collector writes into one. */
export class Observer {
  readonly evidence: Evidence[] = []
  readonly capturedAt: number

  constructor(capturedAt: number) {
    this.capturedAt = capturedAt
  }

  see(claim: Claim, origin: Origin, namespace?: NamespaceId): void {
    const context: Context = {
      host: printable(hostname()),
      standing: 'running',
      capturedAt: this.capturedAt,
      ...(namespace === undefined ? {} : { namespace }),
    }
    this.evidence.push(evidenceIn(context, claim, origin))
  }

  miss(gap: Omit<Gap, 'claim'>, origin: Origin, namespace?: NamespaceId): void {
    this.see({ claim: 'gap', ...gap }, origin, namespace)
  }
}

/** CAP_SYS_PTRACE of include/uapi/linux/capability.h, by which root looks into processes of others. */
const SYS_PTRACE = 1n << 19n

/** Whose processes do not show themselves, and what would change that. */
export function permission(): { readonly whose: string; readonly remedy: { readonly remedy?: string } } {
  if (process.geteuid?.() !== 0) return { whose: 'of other users', remedy: { remedy: 'run as root' } }
  const capabilities = /^CapEff:\s*([0-9a-f]{1,16})$/m.exec(readProc('/proc/self/status') ?? '')?.[1]
  return capabilities !== undefined && (BigInt(`0x${capabilities}`) & SYS_PTRACE) === 0n
    ? { whose: 'that root sees only with CAP_SYS_PTRACE', remedy: { remedy: 'run with the capability CAP_SYS_PTRACE' } }
    : { whose: 'that the kernel hides from root too', remedy: {} }
}

/** `1 process`, `2 processes`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}

export function commandOrigin(...words: readonly string[]): Origin {
  return { kind: 'command', command: show(words.join(' ')) }
}

export type Failed = Exclude<Ran, { readonly kind: 'ok' }>

interface Why {
  readonly code: Gap['code']
  /** In words, to stand in parentheses. */
  readonly why: string
  /** What would help, if anything is known to. */
  readonly remedy: Pick<Gap, 'remedy'>
}

/** Why a command gave no answer. `from`: the package that it comes in. */
export function failure(ran: Failed, from: string): Why {
  switch (ran.kind) {
    case 'missing':
      return { code: 'tool-missing', why: 'the program is not installed', remedy: { remedy: `install ${from}` } }
    case 'denied':
      return { code: 'denied', why: 'not permitted to this user', remedy: { remedy: process.geteuid?.() === 0 ? CAPABLE : 'run as root' } }
    case 'timeout':
      return { code: 'limit', why: 'no answer in time', remedy: {} }
    case 'too-large':
      return { code: 'too-large', why: 'the answer was too large', remedy: {} }
    case 'failed':
      return { code: 'not-understood', why: show(ran.stderr.trim().split('\n')[0] ?? `exit code ${ran.code}`), remedy: {} }
    default:
      return ran satisfies never
  }
}

/** Root within a container is often without them (capabilities(7)). */
const CAPABLE = 'run with the capabilities CAP_NET_ADMIN and CAP_SYS_ADMIN'
