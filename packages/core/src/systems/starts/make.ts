import { knownText, unseenFile, type Word } from '../../evidence/index.ts'
import { MAKEFILES, makeCall } from '../makefile/call.ts'
import { type Recipe, recipesOf } from '../makefile/recipes.ts'
import { wholeMakefile } from '../makefile/whole.ts'
import { joinPath } from '../paths.ts'
import type { CalledScript, ShellText } from './called.ts'
import type { StartFiles } from './files.ts'
import { readerOfText } from './readers.ts'
import type { StartContext } from './start.ts'

/** The targets of `make [-C directory] [-f file] [NAME=value…] [target…]`, where the folder has the makefile; `undefined`: it is no such command. */
export function targetsCalled(words: readonly Word[], context: StartContext, files: StartFiles): readonly CalledScript[] | undefined {
  const call = makeCall(words.map(({ text }) => knownText(text)))
  if (call === undefined) return undefined
  for (const { workingDirectory = '', mounts } of files.places(context)) {
    const outer = mounts?.get(workingDirectory) ?? workingDirectory
    const directory = joinPath(outer, call.directory)
    const names = call.file === undefined ? MAKEFILES : [call.file]
    const path = names
      .flatMap((name) => (directory === undefined ? [] : (joinPath(directory, name) ?? [])))
      .find((one) => files.snapshot.paths.has(one))
    if (path === undefined || directory === undefined) continue
    const text = files.text(path)
    if (text === undefined) return []
    return call.targets.map((target) => ({
      name: `${path}#${target ?? ''}`,
      texts: () =>
        recipesOf(text, wholeMakefile(text, directory, files), target, call.variables, true).flatMap((recipe) =>
          linesOf(recipe, { ...context, workingDirectory: directory }),
        ),
    }))
  }
  return undefined
}

/** The lines of a recipe; every one is a shell of its own. */
export function linesOf({ lines, environment, environmentFiles, unseen }: Recipe, context: StartContext): readonly ShellText[] {
  const inside: StartContext = {
    ...context,
    environment: new Map([...(context.environment ?? []), ...environment]),
    environmentFiles: [...(context.environmentFiles ?? []), ...environmentFiles],
    ...(unseen === undefined ? {} : { unseenEnvironment: unseenFile(unseen) }),
  }
  return lines.map((line) => ({ read: readerOfText(line), passage: line, context: inside }))
}
