/** What `check --scope folder` says of the labelled set, held against the labels. */
import { audit, predictedEndpoints, type PredictedEndpoint } from '@sallyport/core/audit'
import { collectFolder } from '../../packages/cli/src/collect/folder/index.ts'
import { HELD_OUT, type LabelledFolder, readLabelled, type ServerLabel } from './label.ts'

/** Our words for the labels' words. */
const EXPOSURES: Readonly<Record<PredictedEndpoint['exposure'], ServerLabel['exposure']>> = {
  'every-interface': 'open',
  address: 'open',
  loopback: 'loopback',
  internal: 'internal',
  undecided: 'undecided',
}

export interface Measured {
  readonly folder: string
  /** Labelled and not found, or found otherwise. */
  readonly missed: readonly ServerLabel[]
  /** Said and not labelled. */
  readonly wrong: readonly PredictedEndpoint[]
  readonly right: number
}

/** Port, protocol, exposure and place have all to be right. */
export async function measure(folder: LabelledFolder): Promise<Measured> {
  const evidence = await collectFolder(folder.path, Date.now())
  const report = audit({ evidence, policy: undefined, folder: folder.path, now: Date.now(), environment: undefined })
  // The labels tell of a plain start, which leaves out what belongs to a profile of compose.
  const said = report.rows.filter((row) => (row.compose?.claim.profiles.length ?? 0) === 0).flatMap((row) => predictedEndpoints(row))
  const left = new Set(said)
  const missed: ServerLabel[] = []
  let right = 0
  for (const server of folder.label.servers) {
    const match = [...left].find((item) => agrees(item, server))
    if (match !== undefined) {
      left.delete(match)
      right++
    } else if (server.optional !== true) missed.push(server)
  }
  return { folder: folder.name, missed, wrong: [...left], right }
}

function agrees(said: PredictedEndpoint, label: ServerLabel): boolean {
  if ((said.port ?? null) !== label.port || said.protocol !== label.protocol || EXPOSURES[said.exposure] !== label.exposure) return false
  return [label.place, ...(label.alsoPlaces ?? [])].some(
    (place) => place.file === said.cause.path && place.line === said.cause.span.start.line,
  )
}

export async function measureAll(set?: string): Promise<readonly Measured[]> {
  const results: Measured[] = []
  for (const folder of await readLabelled(set)) results.push(await measure(folder))
  return results
}

export function rates(results: readonly Measured[]): {
  readonly right: number
  readonly missed: number
  readonly wrong: number
  readonly recall: number
  readonly precision: number
} {
  const sum = (count: (item: Measured) => number): number => results.reduce((total, item) => total + count(item), 0)
  const right = sum((item) => item.right)
  const missed = sum((item) => item.missed.length)
  const wrong = sum((item) => item.wrong.length)
  return { right, missed, wrong, recall: right / (right + missed), precision: right / (right + wrong) }
}

if (process.argv[1]?.endsWith('measure.ts') === true) {
  const results = await measureAll(process.argv[2] === 'heldout' ? HELD_OUT : undefined)
  for (const item of results) {
    if (item.missed.length + item.wrong.length === 0) continue
    process.stdout.write(`${item.folder}\n`)
    for (const server of item.missed)
      process.stdout.write(`  missed  ${server.protocol} ${server.port} ${server.exposure} ${server.place.file}:${server.place.line}\n`)
    for (const said of item.wrong)
      process.stdout.write(
        `  wrong   ${said.protocol} ${said.port} ${EXPOSURES[said.exposure]} ${said.cause.path}:${said.cause.span.start.line} ${said.reason ?? ''}\n`,
      )
  }
  const { right, missed, wrong, recall, precision } = rates(results)
  process.stdout.write(
    `right ${right}, missed ${missed}, wrong ${wrong}: recall ${(recall * 100).toFixed(1)} %, precision ${(precision * 100).toFixed(1)} %\n`,
  )
}
