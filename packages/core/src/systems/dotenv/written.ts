import type { Evidence } from '../../evidence/index.ts'
import { environmentIn } from '../environments.ts'
import { nameOf } from '../paths.ts'
import { kept } from '../secret.ts'
import type { Starts } from '../starts/index.ts'
import { evidenceIn } from '../system.ts'

/** The environment that a file of variables is for, by its name. */
export const environmentOfFile = (path: string): string | undefined =>
  environmentIn(
    nameOf(path)
      .replace(/(?:^|\.)env(?:\.|$)/, '.')
      .replace(/\.local$/, ''),
  )

/**
 * The variables of the files that scripts make. One that the folder has is as it is, unless a script writes it anew each time that it
 * runs: an example is copied once.
 */
export function writtenVariables(starts: Starts): readonly Evidence[] {
  const { context, paths } = starts.snapshot
  return starts.written.variables
    .splice(0)
    .flatMap((write) =>
      write.paths
        .filter((path) => !paths.has(path) || !write.fromExample)
        .flatMap((path) =>
          write.assigned.map(({ name, value, origin }) =>
            evidenceIn(context, { claim: 'variable', file: path, name, value: kept(name, value, origin) }, origin, environmentOfFile(path)),
          ),
        ),
    )
}
