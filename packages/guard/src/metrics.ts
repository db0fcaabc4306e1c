import { REASONS, type ReasonCode } from './reasons.ts'

/** Counters, as Prometheus reads them (text format 0.0.4). */
export class Metrics {
  #passed = 0
  readonly #refused = new Map<ReasonCode, number>()

  passed(): void {
    this.#passed++
  }

  refused(code: ReasonCode): void {
    this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1)
  }

  text(): string {
    const codes = Object.keys(REASONS) as readonly ReasonCode[]
    return [
      '# HELP sallyport_guard_passed_total Requests that were let through.',
      '# TYPE sallyport_guard_passed_total counter',
      `sallyport_guard_passed_total ${this.#passed}`,
      '# HELP sallyport_guard_refused_total Requests that were refused, by reason.',
      '# TYPE sallyport_guard_refused_total counter',
      ...codes.map((code) => `sallyport_guard_refused_total{code="${code}"} ${this.#refused.get(code) ?? 0}`),
      '',
    ].join('\n')
  }
}
