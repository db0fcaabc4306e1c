import { show } from '@sallyport/core/evidence'
import { columns, wrap } from '../report/wrap.ts'
import { CHECKS, type Result } from './verdict.ts'

const MARKS: Readonly<Record<Result['verdict'], string>> = { pass: 'pass', fail: 'FAIL', unknown: '?   ', skipped: '-   ' }

/** For people: each check in a line, what was seen of those that failed, and what to do. */
export function verifyText(url: string, results: readonly Result[]): string {
  const width = columns()
  const lines = results.flatMap((result) => {
    const { title, matters, next } = CHECKS[result.id]
    const head = `  ${MARKS[result.verdict]}  ${title}`
    if (result.verdict === 'pass') return [head]
    const seen = result.seen.flatMap((text) => wrap(show(text), 10, width))
    return result.verdict === 'fail' ? [head, ...seen, ...wrap(`${matters}; ${next}`, 8, width)] : [head, ...seen]
  })
  const count = (verdict: Result['verdict']) => results.filter((result) => result.verdict === verdict).length
  const summary = `${count('pass')} passed, ${count('fail')} failed, ${count('unknown')} undecided, ${count('skipped')} not applicable`
  return `${show(url)}\n${lines.join('\n')}\n\n${summary}\n`
}

/** For programs. `version` changes when something in it does. */
export function verifyData(url: string, results: readonly Result[]): object {
  return {
    version: 1,
    url: show(url),
    results: results.map(({ id, verdict, seen }) => {
      const { title, requirement, matters, next } = CHECKS[id]
      return { id, verdict, title, requirement, seen: seen.map((text) => show(text)), ...(verdict === 'fail' ? { matters, next } : {}) }
    }),
  }
}
