import { show } from '@sallyport/core/evidence'
import type { Health } from './health.ts'
import type { Answer } from './probe.ts'

/** For people: a line a service, and below those that are down why. */
export function healthText(all: readonly Health[]): string {
  const width = Math.max(...all.map(({ part }) => part.name.length), 0) + 2
  const lines = all.flatMap((health) => [
    `${show(health.part.name).padEnd(width)}${WORDS[health.verdict]}${factsOf(health)}`,
    ...health.reasons.map((reason) => `    ${reason}`),
    ...(health.lines.length === 0 ? [] : ['    it last wrote:', ...health.lines.map((line) => `      ${line}`)]),
  ])
  return `${[...lines, '', summaryOf(all)].join('\n')}\n`
}

const WORDS: Readonly<Record<Health['verdict'], string>> = {
  up: 'up',
  down: 'Service down',
  unknown: 'not known',
  elsewhere: 'on another machine, not asked',
}

function factsOf({ verdict, state, answers }: Health): string {
  if (verdict !== 'up') return ''
  const facts = [...(state?.kind === 'running' ? [state.who] : []), ...answers.map(answerText)]
  return facts.length === 0 ? '' : `    ${facts.join('; ')}`
}

function answerText(answer: Answer): string {
  switch (answer.kind) {
    case 'http':
      return `${answer.url} answers ${answer.status} in ${answer.ms} ms`
    case 'connected':
      return `${answer.at} accepts connections`
    case 'bound':
      return `${answer.at} is bound`
    case 'none':
    case 'unasked':
      return `${answer.at}: ${answer.why}`
    default:
      return answer satisfies never
  }
}

function summaryOf(all: readonly Health[]): string {
  const count = (verdict: Health['verdict']): number => all.filter((health) => health.verdict === verdict).length
  const parts = (['up', 'down', 'unknown', 'elsewhere'] as const).flatMap((verdict) =>
    count(verdict) === 0 ? [] : [`${count(verdict)} ${verdict === 'unknown' ? 'not known' : verdict}`],
  )
  return parts.length === 0 ? 'nothing to ask' : parts.join(', ')
}

/** For programs. `version` changes when something in it does. */
export function healthData(all: readonly Health[]): object {
  return {
    version: 1,
    services: all.map(({ part, verdict, state, answers, reasons, lines }) => ({
      name: show(part.name),
      verdict,
      by: part.runner.kind,
      who: state?.kind === 'running' ? state.who : null,
      answers,
      reasons,
      lines,
    })),
  }
}
