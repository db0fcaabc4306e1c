import { channel } from 'node:diagnostics_channel'
import { type Answer, answerOf } from './answer/answer.ts'
import { corsHeaders, isPreflight } from './answer/cors.ts'
import { type AnswerHeader, answerHeaders, embeddedHeaders } from './answer/headers.ts'
import type { Identity } from './access/identity.ts'
import type { AccessVerdict } from './access/index.ts'
import { isEmbedded } from './checks/origin.ts'
import { decide } from './decide.ts'
import { SecurityLog } from './log/index.ts'
import { refusedOf } from './log/line.ts'
import { Metrics } from './metrics.ts'
import { checkOptions } from './option-table.ts'
import type { GuardOptions } from './options.ts'
import { type GuardedServer, protect } from './protect.ts'
import type { Refusal } from './reasons.ts'
import { type Facts, pathOf, type RawRequest } from './request.ts'
import { type Settings, settingsOf } from './settings.ts'

/** Subscribers get a `Refused` for each refusal. */
const refusals = channel('sallyport:guard:refused')

/** What the guard says of one request: refuse it, answer it in the application's place, or let it through. */
export type Decision =
  | { readonly kind: 'refuse'; readonly refusal: Refusal }
  | { readonly kind: 'preflight'; readonly facts: Facts }
  | Pass
  /** A token is being verified. Never rejects, and never tells to wait again. */
  | { readonly kind: 'wait'; readonly until: Promise<Exclude<Decision, { readonly kind: 'wait' }>> }

interface Pass {
  readonly kind: 'pass'
  readonly answer: Answer
  /** Absent where nobody was asked who it is. */
  readonly identity: Identity | undefined
  /** Trailers may come. */
  readonly chunked: boolean
}

/** A guard of any number of servers, with one log. Made by `guard()`. */
export class Gate {
  readonly settings: Settings
  readonly headers: readonly AnswerHeader[]
  /** For whoever is not a page of an allowed origin. */
  readonly plain: Answer
  /** Of each allowed origin: what an answer gets is the same each time. */
  readonly #answers: readonly (readonly [string, Answer])[]
  readonly #embedded: Answer
  readonly #metrics = new Metrics()
  readonly #log: SecurityLog | undefined
  readonly #onRefuse: GuardOptions['onRefuse']

  constructor(options: GuardOptions) {
    checkOptions(options)
    this.settings = settingsOf(options)
    this.headers = answerHeaders(options.headers ?? {})
    this.plain = answerOf(this.headers)
    this.#embedded = answerOf(embeddedHeaders(this.headers, options.headers ?? {}), [], 'Referer')
    this.#answers = this.settings.origins.map((origin) => [origin, answerOf(this.headers, corsHeaders(origin, this.settings))])
    this.#onRefuse = options.onRefuse
    const { log = {} } = options
    if (log !== false) this.#log = new SecurityLog(typeof log === 'string' ? { file: log } : log, () => new Date())
  }

  /**
   * Guards a server of node:http, node:https or node:http2: requests, streams, upgrades and connections are decided before any listener gets them,
   * whenever it was added. Gives the server back.
   *
   * @throws GuardError `server-unknown` for what is no such server, `server-guarded-already`, `runtime-unknown` where this is not Node.
   */
  protect<S extends GuardedServer>(server: S): S {
    protect(server, this)
    return server
  }

  /** Decides and counts; what is refused is logged and told. The caller has to do what it says. */
  decide(request: RawRequest): Decision {
    const facts = this.settings.reader.read(request.headers)
    const refusal = decide(request, facts, this.settings)
    if (refusal !== undefined) return this.#refuse(refusal, request, facts)
    if (isPreflight(request, facts)) {
      this.#metrics.passed()
      return { kind: 'preflight', facts }
    }
    const { access } = this.settings
    if (access === undefined) return this.#pass(undefined, facts)
    const verdict = access.check(request, facts, pathOf(request.target))
    if (!(verdict instanceof Promise)) return this.#settle(verdict, request, facts)
    // Nothing that could not be verified goes through.
    const until = verdict.catch((): AccessVerdict => ({ refusal: { code: 'token-invalid', value: 'could not be verified' } }))
    return { kind: 'wait', until: until.then((found) => this.#settle(found, request, facts)) }
  }

  #settle(verdict: AccessVerdict, request: RawRequest, facts: Facts): Exclude<Decision, { readonly kind: 'wait' }> {
    return 'refusal' in verdict ? this.#refuse(verdict.refusal, request, facts) : this.#pass(verdict.identity, facts)
  }

  #refuse(refusal: Refusal, request: RawRequest, facts: Facts): { readonly kind: 'refuse'; readonly refusal: Refusal } {
    this.refused(refusal, request, facts)
    return { kind: 'refuse', refusal }
  }

  #pass(identity: Identity | undefined, facts: Facts): Pass {
    this.#metrics.passed()
    return { kind: 'pass', answer: this.#answer(facts), identity, chunked: facts.encoding !== undefined }
  }

  #answer(facts: Facts): Answer {
    if (isEmbedded(facts, this.settings)) return this.#embedded
    for (const [origin, answer] of this.#answers) if (origin === facts.origin) return answer
    return this.plain
  }

  /** Logs, counts and tells of a refusal. Nothing that a subscriber throws reaches the server. */
  refused(refusal: Refusal, request: RawRequest, facts: Facts): void {
    this.#metrics.refused(refusal.code)
    if (this.#log === undefined && this.#onRefuse === undefined && !refusals.hasSubscribers) return
    const { proof, client } = this.settings
    const event = refusedOf(refusal, request, facts, proof === undefined ? undefined : client, new Date())
    this.#log?.add(event)
    refusals.publish(event)
    try {
      const told: unknown = this.#onRefuse?.(event)
      // An async one fails later, and would end the process then.
      if (told instanceof Promise) told.catch(complain)
    } catch (error) {
      complain(error)
    }
  }

  /** The counters in the text format of Prometheus. */
  metrics(): string {
    return this.#metrics.text()
  }

  /** Writes what waits and lets the log go. Servers stay guarded. */
  async close(): Promise<void> {
    await this.#log?.close()
  }
}

/** A guard with these options; with none, that of a local-only API. @throws GuardError, naming the option. */
export function guard(options: GuardOptions = {}): Gate {
  return new Gate(options)
}

function complain(error: unknown): void {
  process.emitWarning(`onRefuse threw: ${error instanceof Error ? error.message : String(error)}`, 'SallyportGuard')
}
