import type { Span } from '../evidence/index.ts'
import type { Place } from './places.ts'

export interface Diagnostic {
  readonly code: DiagnosticCode
  readonly severity: Severity
  /** What is wrong. Safe to show: quoted values have passed the redacting constructor. */
  readonly message: string
  /** What to do next. */
  readonly hint: string
  readonly file: string
  readonly span: Span
}

export type Severity = 'error' | 'warning'

/** Every code, what it means and how much it weighs. Stable; an error means that there is no policy. docs/policy.md lists them. */
export const DIAGNOSTIC_CODES = {
  'alias-cycle': { severity: 'error', title: 'A YAML alias stands inside the value that it repeats' },
  'at-least-one': { severity: 'error', title: 'None of the keys is there of which at least one is needed' },
  'control-character': { severity: 'error', title: 'A character that text does not have' },
  'duplicate-key': { severity: 'error', title: 'The same key twice in one mapping' },
  'duplicate-name': { severity: 'error', title: 'Two sources, hosts or services have one name' },
  'environment-required': { severity: 'error', title: 'The policy has environments and none was chosen' },
  'environment-unused': { severity: 'warning', title: 'An environment was chosen, and the policy has none' },
  'exactly-one': { severity: 'error', title: 'Not exactly one of the keys that exclude each other' },
  'file-missing': { severity: 'error', title: 'A policy file was not there or could not be read' },
  'host-bits': { severity: 'error', title: 'A prefix has bits set beyond its length' },
  'host-missing': { severity: 'error', title: 'The policy names hosts, and a service does not say where it runs' },
  'host-name': { severity: 'error', title: 'A host name where an address belongs' },
  'include-empty': { severity: 'error', title: 'An include pattern matches no file' },
  'include-outside': { severity: 'error', title: "An include leads out of the policy's folder" },
  'invalid-address': { severity: 'error', title: 'Not an address or prefix' },
  'invalid-date': { severity: 'error', title: 'Not a day of the calendar, written YYYY-MM-DD' },
  'invalid-domain': { severity: 'error', title: 'Not a domain name' },
  'invalid-name': { severity: 'error', title: 'A name that cannot be told from an address or a key' },
  'invalid-origin': { severity: 'error', title: 'Not a web origin in the form that browsers send' },
  'invalid-port': { severity: 'error', title: 'Not a port or range of ports' },
  'invalid-value': { severity: 'error', title: 'A value other than those allowed' },
  'key-not-text': { severity: 'error', title: 'A key that is not text' },
  'missing-key': { severity: 'error', title: 'A key that is needed is not there' },
  'port-conflict': { severity: 'error', title: 'Two services on the same host, port and protocol' },
  repeated: { severity: 'warning', title: 'The same entry twice in one list' },
  'reserved-name': { severity: 'error', title: 'A name that Sallyport itself uses' },
  'route-loop': { severity: 'error', title: 'Routes that lead back to where they came from' },
  'route-refused': { severity: 'warning', title: 'A route to a service that does not accept the host that it comes from' },
  'route-target': { severity: 'error', title: 'A route to a service that has not exactly one TCP port' },
  'source-without-address': { severity: 'warning', title: 'A host is a source, and nothing says which address it has' },
  'test-contradicts': { severity: 'error', title: 'A test that the policy itself makes fail' },
  'tls-without-domain': { severity: 'error', title: "Let's Encrypt without a domain name" },
  'too-large': { severity: 'error', title: 'Beyond a stated limit of size, depth or number' },
  'too-many-problems': { severity: 'error', title: 'More problems than are listed' },
  'unknown-alias': { severity: 'error', title: 'A YAML alias without an anchor of its name before it' },
  'unknown-environment': { severity: 'error', title: 'The environment chosen is not in the policy' },
  'unknown-key': { severity: 'error', title: 'A key that does not exist' },
  'unknown-name': { severity: 'error', title: 'A name that is declared nowhere' },
  'unknown-rule': { severity: 'error', title: 'A rule that does not exist' },
  'unsupported-version': { severity: 'error', title: 'A version or catalogue that this Sallyport does not know' },
  'use-internet': { severity: 'error', title: 'Everywhere, written other than `internet`' },
  'wrong-kind': { severity: 'error', title: 'The name of something of another kind' },
  'wrong-type': { severity: 'error', title: 'Text, a number, a list or a mapping where another belongs' },
  'yaml-syntax': { severity: 'error', title: 'Not YAML' },
  'yaml-tab': { severity: 'error', title: 'A tab where YAML takes only spaces' },
  'yaml-tag': { severity: 'error', title: 'A YAML tag, of which policies use none' },
  'yaml-version': { severity: 'error', title: 'A YAML version other than 1.2' },
} as const satisfies Readonly<Record<string, { readonly severity: Severity; readonly title: string }>>

export type DiagnosticCode = keyof typeof DIAGNOSTIC_CODES

/** What is wrong with a value, before it is known where the value stands. */
export interface Problem {
  readonly code: DiagnosticCode
  readonly message: string
  readonly hint: string
}

/** More than this help nobody, and a hostile file could otherwise make millions. */
const MOST_DIAGNOSTICS = 500

/** Collects diagnostics; the same one at the same place counts once (environments are checked one by one). */
export class Diagnostics {
  readonly #found = new Map<string, Diagnostic>()
  #dropped = false

  /** Nothing more is taken in: whoever reads on may stop. */
  get overflowed(): boolean {
    return this.#dropped
  }

  get hasErrors(): boolean {
    return [...this.#found.values()].some((diagnostic) => diagnostic.severity === 'error')
  }

  add(place: Place, problem: Problem): void {
    const file = place.text.path
    const identity = `${problem.code} ${place.start} ${place.end} ${file} ${problem.message}`
    if (this.#found.has(identity)) return
    if (this.#found.size >= MOST_DIAGNOSTICS) {
      this.#dropped = true
      return
    }
    const { severity } = DIAGNOSTIC_CODES[problem.code]
    this.#found.set(identity, { ...problem, severity, file, span: place.text.span(place.start, place.end) })
  }

  /** By file in the given order, then by place. */
  list(files: readonly string[]): readonly Diagnostic[] {
    const order = new Map(files.map((file, index) => [file, index]))
    const sorted = [...this.#found.values()].sort(
      (a, b) => (order.get(a.file) ?? -1) - (order.get(b.file) ?? -1) || a.span.start.offset - b.span.start.offset,
    )
    const last = sorted.at(-1)
    if (!this.#dropped || last === undefined) return sorted
    const message = `there are more than ${MOST_DIAGNOSTICS} problems; the rest are not listed`
    return [...sorted, { ...last, code: 'too-many-problems', severity: 'error', message, hint: 'correct these first, then look again' }]
  }
}
