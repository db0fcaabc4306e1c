import { columns, wrap } from '../report/wrap.ts'
import type { Answer } from './answer.ts'
import { PHASE_TITLES, PHASES } from './item.ts'

/** One checklist with its answers. */
export interface Answered {
  readonly name: string
  readonly title: string
  readonly answers: readonly Answer[]
}

const WORDS: Readonly<Record<Answer['verdict'], string>> = { pass: 'pass', fail: 'FAIL', 'by-hand': 'by hand' }

/** For people: by list and phase, an item with its answer and what it rests on. */
export function checklistText(lists: readonly Answered[]): string {
  const width = columns()
  const lines = lists.flatMap(({ title, answers }) => [
    title,
    ...PHASES.flatMap((phase) => {
      const own = answers.filter(({ item }) => item.phase === phase)
      return own.length === 0 ? [] : ['', `  ${PHASE_TITLES[phase]}`, ...own.flatMap((answer) => itemText(answer, width))]
    }),
    '',
  ])
  return `${[...lines, summaryOf(lists)].join('\n')}\n`
}

function itemText({ item, verdict, undecided, evidence }: Answer, width: number): readonly string[] {
  const [first = '', ...rest] = wrap(item.text, 14, width)
  return [
    `    ${(undecided ? 'undecided' : WORDS[verdict]).padEnd(10)}${first.slice(14)}`,
    ...rest,
    ...evidence.flatMap((line) => wrap(verdict === 'by-hand' && item.answer.kind === 'by-hand' ? `look at: ${line}` : line, 16, width)),
    ...(verdict === 'pass' ? [] : wrap(`with: ${item.command}`, 16, width)),
  ]
}

function summaryOf(lists: readonly Answered[]): string {
  const answers = lists.flatMap((list) => list.answers)
  const of = (verdict: Answer['verdict']): number => answers.filter((answer) => answer.verdict === verdict).length
  const undecided = answers.filter((answer) => answer.undecided).length
  return `${of('pass')} pass, ${of('fail')} fail, ${of('by-hand')} by hand${undecided === 0 ? '' : `, of which ${undecided} undecided`}`
}

/** For a wiki or a ticket: boxes to tick, ticked where a program has seen it. */
export function checklistMarkdown(lists: readonly Answered[]): string {
  return `${lists
    .flatMap(({ title, answers }) => [
      `# ${title}`,
      '',
      ...PHASES.flatMap((phase) => {
        const own = answers.filter(({ item }) => item.phase === phase)
        return own.length === 0 ? [] : [`## ${PHASE_TITLES[phase]}`, '', ...own.flatMap(itemMarkdown), '']
      }),
    ])
    .join('\n')}${summaryOf(lists)}\n`
}

function itemMarkdown({ item, verdict, undecided, evidence }: Answer): readonly string[] {
  const state = undecided ? 'undecided' : WORDS[verdict]
  return [
    `- [${verdict === 'pass' ? 'x' : ' '}] **${state}** ${item.text}`,
    ...evidence.map((line) => `  - ${escaped(line)}`),
    ...(verdict === 'pass' ? [] : [`  - with: \`${item.command}\``]),
  ]
}

/** What was seen is text, not Markdown: a name in it may be anybody's. */
function escaped(text: string): string {
  return text.replace(/[\\*_[\]<>#|~!]/g, (character) => `\\${character}`)
}

/** For programs. `version` changes when something in it does. */
export function checklistData(lists: readonly Answered[]): object {
  return {
    version: 1,
    lists: lists.map(({ name, title, answers }) => ({
      name,
      title,
      items: answers.map(({ item, verdict, undecided, evidence }) => ({
        id: item.id,
        requirement: item.requirement,
        phase: item.phase,
        text: item.text,
        verdict,
        undecided,
        evidence,
        command: item.command,
      })),
    })),
  }
}
