import { evidenceOf, type Setting, show } from '../../../evidence/index.ts'
import { differencesOf } from '../../differences.ts'
import { snapshotOf } from '../../nginx/dump.ts'
import type { FileState, Tools } from '../../system.ts'
import type { Comparing, Difference, WrittenFile } from '../../write.ts'
import { pm2Reader } from '../read.ts'

/** What an app is told of where it listens, whatever else starts it. */
const COMPARED = ['HOST', 'PORT', 'CORS_ORIGINS'] as const

interface Apps {
  /** `HOST of app billing`, and the same `with --env production`, to the value. */
  readonly said: ReadonlyMap<string, string>
  /** By `--env`; `''` without it. */
  readonly ways: ReadonlyMap<string, ReadonlySet<string>>
}

/** In where each app of the policy is told to listen, in every environment that the file has. */
export function comparePm2(
  wanted: readonly WrittenFile[],
  there: (path: string) => FileState,
  { tools }: Comparing,
): readonly Difference[] {
  return wanted.flatMap(({ path, text }): readonly Difference[] => {
    const state = there(path)
    if (state.kind !== 'text') return [{ what: path, wanted: 'a file' }]
    const [ours, theirs] = [appsOf(path, text, tools), appsOf(path, state.text, tools)]
    // With any --env an app has to listen where it does without.
    const expected = new Map(
      [...ours.ways.keys()].flatMap((app) =>
        [...(theirs.ways.get(app) ?? new Set(['']))].flatMap((way) =>
          [`app ${app}`, ...COMPARED.map((name) => `${name} of app ${app}`)].flatMap((what) => {
            const value = ours.said.get(what)
            return value === undefined ? [] : [[`${what}${way}`, value] as const]
          }),
        ),
      ),
    )
    const meant = new Map(
      [...theirs.said].filter(([what]) => expected.has(what) || ours.ways.has(/ of app (.*?)(?: with --env .*)?$/.exec(what)?.[1] ?? '')),
    )
    return differencesOf(expected, meant)
  })
}

function appsOf(path: string, text: string, tools: Tools): Apps {
  const context = { host: '', standing: 'configured', capturedAt: 0 } as const
  const { evidence } = pm2Reader.read(snapshotOf([path], new Map([[path, text]]), context), tools)
  const said = new Map<string, string>()
  const ways = new Map<string, Set<string>>()
  for (const { claim } of evidenceOf(evidence, 'launch')) {
    const way = claim.environmentName === undefined ? '' : ` with --env ${claim.environmentName}`
    said.set(`app ${claim.name}${way}`, 'is started')
    ways.set(claim.name, new Set([...(ways.get(claim.name) ?? []), way]))
    for (const name of COMPARED) {
      const setting = claim.environment.get(name)
      if (setting !== undefined) said.set(`${name} of app ${claim.name}${way}`, valueText(setting))
    }
  }
  return { said, ways }
}

function valueText({ value }: Setting): string {
  return value.kind === 'known' ? show(String(value.value)) : 'decided outside the file'
}
