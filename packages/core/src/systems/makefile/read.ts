import { imagesOf } from '../container-run/image.ts'
import { directoryOf } from '../paths.ts'
import { evidenceOf } from '../shell/read.ts'
import { Starts } from '../starts.ts'
import type { Reader } from '../system.ts'
import { isTestPath, isTestScript } from '../tests.ts'
import { namedTargets, recipesOf } from './recipes.ts'

/** Targets of one file that are followed. */
const TARGETS = 300

/** What the recipes of makefiles start, as scripts of package.json files are read: each target for itself. */
export const makefileReader: Reader = {
  read(snapshot) {
    const starts = new Starts(snapshot)
    const scripts = snapshot.matched.flatMap((path) => {
      const text = starts.text(path)
      if (text === undefined) return []
      const directories = [...new Set([directoryOf(path), ''])]
      return namedTargets(text)
        .slice(0, TARGETS)
        .map((name) => {
          const found = recipesOf(text, name, new Map(), false).flatMap((recipe) => starts.ofRecipe(recipe, directoryOf(path)))
          return { name, found, directories, environment: isTestPath(path) || isTestScript(name) ? 'test' : undefined }
        })
    })
    const images = imagesOf(scripts, starts)
    const evidence = scripts.flatMap(({ name, found, environment }) => evidenceOf(found, 'makefile', name, environment, images, starts))
    return { evidence: [...evidence, ...starts.gaps()], needs: [...starts.needs], globs: [] }
  },
}
