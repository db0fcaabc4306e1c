import { changeKey, type Finding } from '@sallyport/core/audit'
import { type Change, show } from '@sallyport/core/evidence'
import { Draft, type Edited, editorFor, SYSTEMS } from '@sallyport/core/systems'
import type { Files } from '../collect/snapshot.ts'
import { sourceTools } from '../collect/source.ts'

/** Findings that are cured by the same edits, and what these are to make hold. */
export interface Repair {
  readonly findings: readonly [Finding, ...Finding[]]
  readonly changes: readonly Change[]
}

/** A repair as edits of texts in memory: `after` is `before` with them. */
export interface Offer {
  readonly repair: Repair
  readonly before: Draft
  readonly after: Draft
  /** What it changes beyond what was asked, and what is left to do by hand. */
  readonly notes: readonly string[]
  /** Why some of it is left to a person; absent: it is cured whole. */
  readonly partly?: string
}

/** A finding that no edit cures, and why. */
export interface Left {
  readonly finding: Finding
  readonly why: string
}

/** Findings that share a change belong together, in the order of the first of each. */
export function repairsOf(findings: readonly Finding[]): readonly Repair[] {
  let repairs: readonly Repair[] = []
  for (const finding of findings) {
    if (finding.changes.length === 0) continue
    const keys = new Set(finding.changes.map(changeKey))
    const shared = repairs.filter(({ changes }) => changes.some((change) => keys.has(changeKey(change))))
    const [first] = shared
    const own: Repair = { findings: [finding], changes: finding.changes }
    repairs =
      first === undefined
        ? [...repairs, own]
        : repairs.flatMap((each) => (each === first ? asOne([...shared, own]) : shared.includes(each) ? [] : each))
  }
  return repairs
}

function asOne([first, ...others]: readonly Repair[]): readonly Repair[] {
  if (first === undefined) return []
  const changes = new Map([first, ...others].flatMap((each) => each.changes).map((change) => [changeKey(change), change]))
  return [{ findings: [...first.findings, ...others.flatMap(({ findings }) => findings)], changes: [...changes.values()] }]
}

/** The repair of its other findings; `undefined`: it has none, or the one is not among them. */
export function without(repair: Repair, finding: Finding): Repair | undefined {
  const [first, ...others] = repair.findings.filter((each) => each !== finding)
  if (first === undefined || others.length + 1 === repair.findings.length) return undefined
  return asOne([first, ...others].map((each) => ({ findings: [each], changes: each.changes })))[0]
}

export type Made = { readonly kind: 'made'; readonly offer: Offer } | { readonly kind: 'refused'; readonly why: string }

/** The edits of a repair, upon those that were decided before it. */
export async function make(repair: Repair, before: Draft): Promise<Made> {
  const after = before.fork()
  const notes: string[] = []
  const refused: string[] = []
  let isEdited = false
  for (const change of repair.changes) {
    const followed = after.follow(change)
    if (followed === undefined) return { kind: 'refused', why: editedToo(change) }
    const edited = await editOf(followed, after)
    if (edited.kind === 'edits' && after.apply(edited.edits)) {
      notes.push(...edited.notes)
      isEdited ||= change.change !== 'variable' && edited.edits.length > 0
    } else {
      const isOthers = edited.kind === 'refused' && before.changed.size > 0 && (await editOf(change, before.unedited())).kind === 'edits'
      const reason = edited.kind === 'refused' ? edited.why : 'its edits do not fit the text'
      const why = isOthers ? editedToo(change) : `${placeOf(followed)}: ${reason}`
      // The code falls back to this machine by itself; that its manager says so too is for those who read its file.
      if (change.change === 'variable') {
        notes.push(`${change.name} is not set for ${show(change.launch)}: ${show(why)}`)
      } else refused.push(show(why))
    }
  }
  const [partly] = refused
  if (partly !== undefined && !isEdited) return { kind: 'refused', why: partly }
  return { kind: 'made', offer: { repair, before, after, notes: [...new Set(notes)], ...(partly === undefined ? {} : { partly }) } }
}

function editedToo(change: Change): string {
  return `what decides ${placeOf(change)} is edited for another finding too`
}

async function editOf(change: Change, draft: Draft): Promise<Edited> {
  const path = 'at' in change ? change.at.path : change.path
  const state = draft.file(path)
  if (path.startsWith('/')) return { kind: 'refused', why: 'it is no file of the folder' }
  const editor = await editorFor(change, state.kind === 'text' ? state.text : '', SYSTEMS)
  return editor?.edit(change, draft, sourceTools) ?? { kind: 'refused', why: 'files of this kind are left to people' }
}

function placeOf(change: Change): string {
  return 'at' in change ? `${change.at.path}:${change.at.span.start.line}:${change.at.span.start.column}` : change.path
}

/** The folder's texts as they are. */
export function draftOf(files: Files): Draft {
  return new Draft((path) => files.load(path))
}
