import { ambient } from '../ambient.ts'
import { imagesOf } from '../container-run/image.ts'
import { directoryOf, nameOf } from '../paths.ts'
import { evidenceOf } from '../shell/read.ts'
import { Starts } from '../starts/index.ts'
import type { Reader } from '../system.ts'
import { isTestPath, isTestScript } from '../tests.ts'
import { MAKEFILES } from './call.ts'
import { namedTargets, recipesOf, setsVariables } from './recipes.ts'
import { wholeMakefile } from './whole.ts'

/** Targets of one file that are followed. */
const TARGETS = 300

/** What the recipes of makefiles start, as scripts of package.json files are read: each target for itself. */
export const makefileReader: Reader = {
  read(snapshot, tools) {
    const starts = new Starts(snapshot, tools)
    const wholes = snapshot.matched.flatMap((path) => {
      const text = starts.text(path)
      return text === undefined ? [] : [{ path, text, file: wholeMakefile(text, directoryOf(path), starts) }]
    })
    // What another makefile includes is read there, with its variables.
    const included = new Set(wholes.flatMap(({ file }) => file.includes))
    const scripts = wholes.flatMap(({ path, text, file }) => {
      if (included.has(path) && !MAKEFILES.includes(nameOf(path))) return []
      const directories = [...new Set([directoryOf(path), ''])]
      const around = ambient(directoryOf(path), starts)
      return namedTargets(file)
        .slice(0, TARGETS)
        .map((name) => {
          const deep = setsVariables(file, name)
          const found = recipesOf(text, file, name, new Map(), deep).flatMap((recipe) => starts.ofRecipe(recipe, directoryOf(path), around))
          return { name, found, directories, environment: isTestPath(path) || isTestScript(name) ? 'test' : undefined }
        })
    })
    const images = imagesOf(scripts, starts)
    const evidence = scripts.flatMap(({ name, found, environment }) => evidenceOf(found, 'makefile', name, environment, images, starts))
    return { evidence: [...evidence, ...starts.gaps()], needs: [...starts.needs], globs: [], written: starts.written.documents() }
  },
}
