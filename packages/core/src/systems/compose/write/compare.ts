import { type ConfiguredPort, evidenceOf, type Value } from '../../../evidence/index.ts'
import { differencesOf, type Meaning } from '../../differences.ts'
import { snapshotOf } from '../../nginx/dump.ts'
import { directoryOf, joinPath } from '../../paths.ts'
import type { FileState } from '../../system.ts'
import type { Comparing, Difference, WrittenFile } from '../../write.ts'
import { OVERRIDES, USUAL } from '../projects.ts'
import { composeReader } from '../read.ts'

/** In what the compose file publishes with the rendered override, and with what is there now. */
export function compareCompose(
  wanted: readonly WrittenFile[],
  there: (path: string) => FileState,
  { tools }: Comparing,
): readonly Difference[] {
  return wanted.flatMap(({ path, text }): readonly Difference[] => {
    const directory = directoryOf(path)
    const texts = (names: readonly string[]): readonly (readonly [string, string])[] =>
      names
        .flatMap((name) => joinPath(directory, name) ?? [])
        .flatMap((file) => {
          const state = there(file)
          return state.kind === 'text' ? [[file, state.text] as const] : []
        })
        .slice(0, 1)
    const base = texts(USUAL)
    const variables = texts(['.env'])
    if (base.length === 0) return [{ what: `${USUAL.join(', ')}`, wanted: 'one of them, which the override is for' }]
    const read = (override: readonly (readonly [string, string])[]): Meaning =>
      meaningOf(new Map([...base, ...variables, ...override]), (files) => composeReader.read(files, tools).evidence)
    return differencesOf(read([[path, text]]), read(texts(OVERRIDES)))
  })
}

type Read = (files: ReturnType<typeof snapshotOf>) => ReturnType<typeof composeReader.read>['evidence']

function meaningOf(files: ReadonlyMap<string, string>, read: Read): Meaning {
  const context = { host: '', standing: 'configured', capturedAt: 0 } as const
  const matched = [...files.keys()].filter((file) => /\.ya?ml$/.test(file))
  const evidence = read(snapshotOf(matched, files, context))
  const meaning = new Map<string, string>()
  for (const { claim } of evidenceOf(evidence, 'compose-service'))
    meaning.set(`published by service ${claim.name}`, claim.published.map(portText).toSorted().join(', ') || 'nothing')
  for (const { claim } of evidenceOf(evidence, 'launch'))
    for (const name of ['HOST', 'PORT', 'CORS_ORIGINS']) {
      const setting = claim.environment.get(name)
      if (setting !== undefined) meaning.set(`${name} of service ${claim.name}`, valueText(setting.value))
    }
  return meaning
}

function portText({ hostAddress, hostPorts, containerPorts, protocol }: ConfiguredPort): string {
  const address = hostAddress.kind === 'absent' ? 'every address' : valueText(hostAddress)
  return `${hostPorts === undefined ? 'any port' : rangeText(hostPorts)} of ${address} to ${rangeText(containerPorts)}/${protocol}`
}

function valueText(value: Value): string {
  return value.kind === 'known' ? String(value.value) : 'decided outside the files'
}

function rangeText({ first, last }: { readonly first: number; readonly last: number }): string {
  return first === last ? String(first) : `${first}-${last}`
}
