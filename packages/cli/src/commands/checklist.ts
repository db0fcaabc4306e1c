import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { AuditReport } from '@sallyport/core/audit'
import { suggest } from '@sallyport/core/policy'
import { answersOf } from '../checklist/answer.ts'
import type { Item, Phase } from '../checklist/item.ts'
import { CHECKLISTS, COMMON_ITEMS } from '../checklist/lists.ts'
import { type Answered, checklistData, checklistMarkdown, checklistText } from '../checklist/report.ts'
import { EXIT } from '../exit.ts'
import { Failure } from '../failure.ts'
import { look, type LookOptions, refuseFolder } from './look.ts'

export interface ChecklistOptions extends LookOptions {
  readonly format: 'text' | 'json' | 'markdown'
  readonly folder: string
  readonly phase?: Phase
  readonly failOn: 'fail' | 'never'
  readonly allowUnknown: boolean
}

/**
 * `sallyport checklist [NAME]` (C7): every item as pass, fail or by hand, with what that rests on. Exit 1 where one fails, 3 where one is
 * undecided that could fail.
 */
export async function checklist(name: string | undefined, options: ChecklistOptions): Promise<number> {
  if (name !== undefined) refuseUnknown(name)
  const report = await look(options.folder, options)
  const view = { report, files: new Set(options.scope === 'host' ? [] : readdirSync(resolve(options.folder))) }
  const ofPhase = (items: readonly Item[]): readonly Item[] =>
    items.filter(({ phase }) => options.phase === undefined || phase === options.phase)
  const lists = listsFor(name, report).map(
    (list): Answered => ({ name: list.name, title: list.title, answers: answersOf(ofPhase(list.items), view) }),
  )
  process.stdout.write(WRITERS[options.format](lists))
  const answers = lists.flatMap((list) => list.answers)
  if (options.failOn === 'never') return EXIT.clean
  if (answers.some(({ verdict }) => verdict === 'fail')) return EXIT.findings
  return answers.some(({ undecided }) => undecided) && !options.allowUnknown ? EXIT.undecided : EXIT.clean
}

const WRITERS: Readonly<Record<ChecklistOptions['format'], (lists: readonly Answered[]) => string>> = {
  text: checklistText,
  json: (lists) => `${JSON.stringify(checklistData(lists), null, 2)}\n`,
  markdown: checklistMarkdown,
}

const COMMON = { name: 'common', title: 'Every deployment', items: COMMON_ITEMS } as const

function refuseUnknown(name: string): void {
  const names = [...CHECKLISTS.map((list) => list.name), COMMON.name]
  if (names.includes(name)) return
  refuseFolder(name, 'checklist')
  const near = suggest(name, names)
  throw new Failure(`there is no checklist ${name}`, near === undefined ? `there is ${names.join(', ')}` : `did you mean ${near}?`)
}

/** The one that is named; else those that fit what is there, and what holds for every deployment. */
function listsFor(
  name: string | undefined,
  report: AuditReport,
): readonly { readonly name: string; readonly title: string; readonly items: readonly Item[] }[] {
  if (name !== undefined) return [...CHECKLISTS, COMMON].filter((list) => list.name === name)
  const fitting = CHECKLISTS.filter((list) => list.fits(report))
  if (fitting.length === 0)
    process.stderr.write(
      `note: no kind of deployment that has a checklist is seen here, so this is the one for every deployment; by name there is ${CHECKLISTS.map((list) => list.name).join(', ')}\n`,
    )
  return [...fitting, COMMON]
}
