import { describe, expect, it } from 'vitest'
import { CATALOGUE, type RuleId, ruleOf } from './catalogue.ts'
import type { Finding, Severity } from './finding.ts'
import { computeScore } from './score.ts'

function fired(rule: RuleId, severity: Severity, count = 1): readonly Finding[] {
  return Array.from({ length: count }, (_, index) => ({
    rule,
    severity,
    message: '',
    places: [],
    fix: '',
    changes: [],
    facts: [],
    fingerprint: `${rule}${index}`,
  }))
}

describe('score', () => {
  it('V2 · a clean deployment has 100', () => {
    expect(computeScore([])).toEqual({ value: 100, costs: [] })
  })

  it('V2 · a common port costs a flat 10, however many there are', () => {
    expect(computeScore(fired('common-port', 'low')).value).toBe(90)
    expect(computeScore(fired('common-port', 'low', 5)).value).toBe(90)
  })

  it('V2 · a privileged port in development costs nothing', () => {
    expect(computeScore(fired('privileged-port', 'info')).value).toBe(100)
  })

  it.each([
    ['critical', 'private-reachable', 39],
    ['high', 'opens-on-restart', 69],
  ] as const)('one %s finding caps the score, whatever else is well', (severity, rule, cap) => {
    const score = computeScore(fired(rule, severity))
    expect(score.value).toBe(cap)
    expect(score.cap).toEqual({ value: cap, reason: severity })
  })

  it('a rule’s further findings cost at most as much again as its worst', () => {
    expect(computeScore(fired('service-missing', 'medium', 1)).value).toBe(90)
    expect(computeScore(fired('service-missing', 'medium', 2)).value).toBe(80)
    expect(computeScore(fired('service-missing', 'medium', 9)).value).toBe(80)
    expect(computeScore([...fired('undeclared-listener', 'high'), ...fired('undeclared-listener', 'low', 2)]).value).toBe(69)
    expect(computeScore([...fired('origin-stale', 'medium'), ...fired('origin-stale', 'low', 2)]).value).toBe(84)
  })

  it('C4 · a verdict left open caps at 89', () => {
    expect(computeScore(fired('undecided', 'info'))).toEqual({ value: 89, costs: [], cap: { value: 89, reason: 'undecided' } })
    expect(computeScore(fired('no-policy', 'info'))).toEqual({ value: 89, costs: [], cap: { value: 89, reason: 'undeclared' } })
    expect(computeScore([...fired('undecided', 'info'), ...fired('claim-failed', 'critical')]).value).toBe(39)
  })

  it('never falls below 0, and names no cap that did not hold', () => {
    const many = CATALOGUE.flatMap((rule) => fired(rule.id, 'critical', 2))
    expect(computeScore(many)).toMatchObject({ value: 0 })
    expect(computeScore(many).cap).toBeUndefined()
  })
})

describe('catalogue', () => {
  it('every rule is found by its id, and ids are unique', () => {
    expect(new Set(CATALOGUE.map((rule) => rule.id)).size).toBe(CATALOGUE.length)
    for (const rule of CATALOGUE) expect(ruleOf(rule.id)).toBe(rule)
  })
})
