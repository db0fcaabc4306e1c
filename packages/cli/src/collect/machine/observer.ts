import { hostname } from 'node:os'
import { type Claim, type Evidence, type Gap, type NamespaceId, type Origin, show } from '@sallyport/core/evidence'
import { type Context, evidenceIn } from '@sallyport/core/systems'
import type { Ran } from '../run.ts'

/** Gathers the evidence of one look at this machine; every part of the collector writes into one. */
export class Observer {
  readonly evidence: Evidence[] = []
  readonly capturedAt: number

  constructor(capturedAt: number) {
    this.capturedAt = capturedAt
  }

  see(claim: Claim, origin: Origin, namespace?: NamespaceId): void {
    const context: Context = {
      host: hostname(),
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
