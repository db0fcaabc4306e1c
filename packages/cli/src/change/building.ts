import { type Evidence, evidenceOf, show } from '@sallyport/core/evidence'
import { directoryOf, joinPath, parseJson, sourceTwins } from '@sallyport/core/systems'
import type { Files } from '../collect/snapshot.ts'

/** What has to be built again, since what starts is made from these files: with the command, where a package.json has one. */
export function buildNotes(evidence: readonly Evidence[], changed: ReadonlyMap<string, string>, files: Files): readonly string[] {
  const built = new Map<string, string>()
  for (const { claim, origin } of evidenceOf(evidence, 'bind'))
    if (claim.builtFrom !== undefined && changed.has(claim.builtFrom) && origin.kind === 'file') built.set(origin.path, claim.builtFrom)
  for (const { claim } of evidenceOf(evidence, 'launch'))
    if (claim.entry !== undefined && !changed.has(claim.entry)) {
      const source = sourceTwins(claim.entry).find((path) => changed.has(path))
      if (source !== undefined) built.set(claim.entry, source)
    }
  const byCommand = new Map<string, string[]>()
  for (const [output, source] of built) {
    const command = buildCommand(directoryOf(source), files)
    byCommand.set(command, [...(byCommand.get(command) ?? []), output])
  }
  return [...byCommand].map(
    ([command, outputs]) =>
      `${command} before it is started again: ${outputs
        .toSorted()
        .map((path) => show(path))
        .join(', ')}`,
  )
}

/** Of the nearest package.json. */
function buildCommand(start: string, files: Files): string {
  for (
    let directory: string | undefined = start;
    directory !== undefined;
    directory = directory === '' ? undefined : directoryOf(directory)
  ) {
    const state = files.load(joinPath(directory, 'package.json') ?? '')
    if (state.kind === 'text' && hasBuild(state.text))
      return directory === '' ? 'run `npm run build`' : `run \`npm run build\` in ${show(directory)}`
  }
  return 'build it again'
}

function hasBuild(text: string): boolean {
  const json: unknown = parseJson(text)
  const scripts = typeof json === 'object' && json !== null && 'scripts' in json ? json.scripts : undefined
  return typeof scripts === 'object' && scripts !== null && 'build' in scripts
}
