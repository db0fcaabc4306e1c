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

/** Why a command gave no answer, as a gap's code and words; `undefined` when it did. */
export function failure(ran: Ran): { readonly code: Gap['code']; readonly why: string } | undefined {
  switch (ran.kind) {
    case 'ok':
      return undefined
    case 'missing':
      return { code: 'tool-missing', why: 'the program is not installed' }
    case 'denied':
      return { code: 'denied', why: 'not permitted to this user' }
    case 'timeout':
      return { code: 'limit', why: 'no answer in time' }
    case 'too-large':
      return { code: 'too-large', why: 'the answer was too large' }
    case 'failed':
      return { code: 'not-understood', why: show(ran.stderr.trim().split('\n')[0] ?? `exit code ${ran.code}`) }
    default:
      return ran satisfies never
  }
}
