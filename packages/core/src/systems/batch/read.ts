import { imagesOf } from '../container-run/image.ts'
import { environmentIn } from '../environments.ts'
import { directoryOf, nameOf } from '../paths.ts'
import { evidenceOf } from '../shell/read.ts'
import { Starts } from '../starts/index.ts'
import type { Reader } from '../system.ts'
import { isTestPath } from '../tests.ts'

export const batchReader: Reader = {
  read(snapshot, tools) {
    const starts = new Starts(snapshot, tools)
    const scripts = snapshot.matched.flatMap((path) => {
      const text = starts.text(path)
      // A script is started from its own directory or from the folder's.
      const directories = [...new Set([directoryOf(path), ''])]
      if (text === undefined) return []
      return [{ path, directories, found: starts.ofBatch(text, { script: path, directories, incidental: true }) }]
    })
    const images = imagesOf(scripts, starts)
    const evidence = scripts.flatMap(({ path, found }) => {
      const environment = isTestPath(path) ? 'test' : environmentIn(nameOf(path))
      return evidenceOf(found, 'batch', path, environment, images, starts)
    })
    return { evidence: [...evidence, ...starts.gaps()], needs: [...starts.needs], globs: [] }
  },
}
