import type { AddressRule, Handling, ProxyGuard } from '../../evidence/index.ts'
import { type Address, inRange, unmap } from '../../network/index.ts'

/** Who asks, as far as guards look at it. */
export interface Requester {
  /** `unix`: over a socket file. */
  readonly address: Address | 'unix'
  readonly method: string
  /** Sends a user and password that the file knows. */
  readonly authenticated: boolean
}

/** What an `allow` and `deny` list says of an address: the first rule that covers it; `none` where no rule does, and the request goes on. */
export function addressDecision(rules: readonly AddressRule[], address: Address | 'unix'): 'allow' | 'deny' | 'none' {
  const plain = address === 'unix' ? address : unmap(address)
  return rules.find((rule) => covers(rule.from, plain))?.action ?? 'none'
}

function covers(from: AddressRule['from'], address: Address | 'unix'): boolean {
  if (from === 'all') return true
  if (from === 'unix' || address === 'unix') return from === address
  return inRange(from, address)
}

export type Admission =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'refused'; readonly status: 401 | 403; readonly by: ProxyGuard }
  /** A guard decides that is not followed: another service, a module, a client certificate. */
  | { readonly kind: 'undecided'; readonly by: ProxyGuard }

const ADMITTED: Admission = { kind: 'admitted' }

/** Whether the guards of the access phase let a request through: addresses, then authentication. Limits let it pass; `internal` has been asked before. */
export function admission(handling: Pick<Handling, 'guards' | 'satisfy'>, requester: Requester): Admission {
  const other = handling.guards.find((guard) => guard.guard === 'methods' && !guard.except.includes(requester.method.toUpperCase()))
  const guards = other?.guard === 'methods' ? other.guards : handling.guards
  const answers = ACCESS.flatMap((kind) => guards.filter((guard) => guard.guard === kind)).map((guard) => answer(guard, requester))
  return handling.satisfy === 'any' ? anyOf(answers) : allOf(answers)
}

/** The guards of the access phase in the order in which nginx asks them. */
const ACCESS = ['addresses', 'basic-auth', 'auth-request', 'token', 'unknown'] as const

type Answer = Admission | { readonly kind: 'no-opinion' }

function answer(guard: ProxyGuard, requester: Requester): Answer {
  if (guard.guard === 'addresses') {
    const decision = addressDecision(guard.rules, requester.address)
    if (decision === 'none') return { kind: 'no-opinion' }
    return decision === 'allow' ? ADMITTED : { kind: 'refused', status: 403, by: guard }
  }
  if (guard.guard === 'basic-auth') return requester.authenticated ? ADMITTED : { kind: 'refused', status: 401, by: guard }
  return { kind: 'undecided', by: guard }
}

function allOf(answers: readonly Answer[]): Admission {
  for (const one of answers) if (one.kind === 'refused' || one.kind === 'undecided') return one
  return ADMITTED
}

/** One that admits is enough; without one, a demand for a password goes before a refusal (`ngx_http_core_access_phase`). */
function anyOf(answers: readonly Answer[]): Admission {
  if (answers.some((one) => one.kind === 'admitted')) return ADMITTED
  const undecided = answers.find((one) => one.kind === 'undecided')
  if (undecided?.kind === 'undecided') return undecided
  const refused = answers.filter((one) => one.kind === 'refused')
  return refused.find((one) => one.status === 401) ?? refused[0] ?? ADMITTED
}
