import { type Edit, type Evidence, evidenceOf, type FileOrigin, Text } from '../../evidence/index.ts'
import type { Policy } from '../../policy/index.ts'
import { environmentIn, nameOf, type Tools } from '../../systems/index.ts'
import type { ServiceRow } from '../join/service.ts'
import { type InnerPort, innerPlaces, innerPort, surroundingsIn } from './container.ts'
import { aroundIt, type Elsewhere, keptByOthers } from './elsewhere.ts'
import { type KnownPlace, type PlaceRole, placesOfRow } from './exact.ts'
import { firewallPlaces, oldRule, oldRules } from './firewall.ts'
import type { Meaning, MeaningContext } from './context.ts'
import { manifestOf } from './manifest.ts'
import { meaningOf } from './meaning.ts'
import { type OwnNames, ownNames } from './own.ts'
import { type PolicyPlace, policyPlaces } from './policy-places.ts'
import { recordWhy } from './records.ts'
import { MOST_PLACES, occurrencesOf } from './text.ts'

export interface MoveInput {
  readonly evidence: readonly Evidence[]
  readonly policy: Policy | undefined
  readonly rows: readonly ServiceRow[]
  /** The service that moves; one of `rows`. */
  readonly row: ServiceRow
  readonly from: number
  readonly to: number
  /** Every text of the folder that has the old number, by path. */
  readonly files: ReadonlyMap<string, string>
  /** The one that is meant; `undefined`: the policy has none. */
  readonly environment: string | undefined
  /** Those of `files` that are made from others of the folder. */
  readonly built: ReadonlySet<string>
  /** The policy as it is in its other environments, by their names. */
  readonly otherEnvironments: ReadonlyMap<string, Policy>
  /** Change texts for people too. */
  readonly docs: boolean
  readonly tools: Tools
}

/** Every place that has the old number: what is changed, and what is left and why; of a file that nobody writes the first, for all. */
export interface Move {
  readonly edits: readonly Edit[]
  readonly changed: readonly { readonly origin: FileOrigin; readonly role: PlaceRole }[]
  readonly left: readonly { readonly origin: FileOrigin; readonly why: string }[]
  readonly elsewhere: readonly Elsewhere[]
  readonly inner: InnerPort
  /** Places of the policy that other environments take their port from too: nothing can be moved as long as there is one. */
  readonly shared: readonly { readonly place: FileOrigin; readonly environments: readonly string[] }[]
}

/** Moves a service to another port wherever the files repeat the old one, by what each place means (V8). Pure; never throws on any text. */
export function movePort(input: MoveInput): Move {
  const { row, policy, from, to, evidence } = input
  const names = ownNames(row, policy, evidence)
  const inPolicy =
    row.declared === undefined ? [] : policyPlaces(row.declared, from, input.otherEnvironments, (path) => input.files.get(path))
  const known = knownPlaces(input, names, inPolicy)
  const edits: Edit[] = []
  const changed: { readonly origin: FileOrigin; readonly role: PlaceRole }[] = []
  const left: { readonly origin: FileOrigin; readonly why: string }[] = []
  const elsewhere = new Map<string, Elsewhere>()
  for (const [path, content] of [...input.files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const occurrences = occurrencesOf(path, content, from, input.tools)
    const [first] = occurrences
    if (first === undefined) continue
    const why = input.built.has(path) ? BUILT : recordWhy(path)
    if (why !== undefined) {
      left.push({
        origin: first.file.origin(first.start, first.end),
        why: occurrences.length === 1 ? why : `${why} (${countText(occurrences.length)} places)`,
      })
      continue
    }
    const context = contextOf(path, content, input, names, known)
    for (const [index, occurrence] of occurrences.entries()) {
      const meaning = index < MOST_PLACES ? meaningOf(occurrence, context) : BEYOND
      const origin = occurrence.file.origin(occurrence.start, occurrence.end)
      if (meaning.kind === 'other') {
        left.push({ origin, why: meaning.why })
        continue
      }
      edits.push({ path, start: occurrence.start, end: occurrence.end, text: String(to) })
      changed.push({ origin, role: meaning.role })
      for (const item of [...keptByOthers(occurrence, from, to), ...oldRule(occurrence)]) elsewhere.set(`${item.what} ${item.from}`, item)
    }
  }
  return {
    edits,
    changed,
    left,
    elsewhere: [...elsewhere.values(), ...aroundIt(row.declared, policy, from, to), ...oldRules(evidence, from)],
    inner: known.inner,
    shared: sharedPlaces(inPolicy, edits, input.files),
  }
}

const BUILT = 'built output, whose source is here: build it again'
const countText = (count: number): string => (count > MOST_PLACES ? `more than ${MOST_PLACES}` : String(count))
const BEYOND: Meaning = { kind: 'other', why: `from here on not looked at: the file has more than ${MOST_PLACES} such places` }

interface Known {
  readonly own: readonly KnownPlace[]
  readonly others: readonly (KnownPlace & { readonly service: string })[]
  readonly policyFiles: ReadonlySet<string>
  readonly inner: InnerPort
}

function knownPlaces(input: MoveInput, names: OwnNames, inPolicy: readonly PolicyPlace[]): Known {
  const { row, rows, from, evidence, policy } = input
  const here = ofEnvironment(row, input)
  const own = placesOfRow(here, from, names.portVariables)
  const inner = innerPort(here, from, names.portVariables)
  return {
    own: [...inPolicy, ...own, ...innerPlaces(own, inner), ...firewallPlaces(evidence, from)],
    others: rows
      .filter((other) => other !== row)
      .flatMap((other) => placesOfRow(other, from, names.portVariables).map((each) => ({ ...each, service: other.name }))),
    policyFiles: new Set(policy?.files ?? []),
    inner,
  }
}

/** Without the starts that are for another environment. */
function ofEnvironment(row: ServiceRow, { environment, otherEnvironments }: MoveInput): ServiceRow {
  const isMeant = (name: string | undefined): boolean => name === undefined || name === environment || !otherEnvironments.has(name)
  return {
    ...row,
    launches: row.launches.filter(({ claim }) => isMeant(claim.environmentName)),
    planned: row.planned.filter(({ launch }) => isMeant(launch?.claim.environmentName)),
  }
}

/** Managers that one file describes several starts for. */
const MANAGERS: ReadonlySet<string> = new Set(['pm2', 'compose', 'systemd', 'supervisor', 'docker-run'])

function contextOf(path: string, content: string, input: MoveInput, names: OwnNames, known: Known): MeaningContext {
  const named = environmentIn(nameOf(path))
  const isManaged = evidenceOf(input.evidence, 'launch').some(
    ({ claim, origin }) => MANAGERS.has(claim.by) && origin.kind === 'file' && origin.path === path,
  )
  const isComposed = evidenceOf(input.evidence, 'compose-service').some(({ origin }) => origin.kind === 'file' && origin.path === path)
  return {
    names,
    own: known.own.filter((place) => place.path === path),
    others: known.others.filter((place) => place.path === path),
    surroundings: surroundingsIn(path, input.row, input.evidence),
    inner: known.inner,
    manifest: manifestOf(path, content, input.from, names),
    structured: isManaged || isComposed,
    isPolicy: known.policyFiles.has(path),
    otherEnvironment: named !== undefined && input.otherEnvironments.has(named) ? named : undefined,
    docs: input.docs,
  }
}

function sharedPlaces(places: readonly PolicyPlace[], edits: readonly Edit[], files: ReadonlyMap<string, string>): Move['shared'] {
  return places
    .filter((place) => place.sharedWith.length > 0)
    .flatMap((place) => {
      const edit = edits.find((each) => each.path === place.path && place.start <= each.start && each.end <= place.end)
      const content = files.get(place.path)
      return edit === undefined || content === undefined
        ? []
        : [{ place: new Text(place.path, content).origin(place.start, place.end), environments: place.sharedWith }]
    })
}
