import { imagesOf } from '../container-run/image.ts'
import { directoryOf } from '../paths.ts'
import { evidenceOf } from '../shell/read.ts'
import { Starts } from '../starts.ts'
import type { Reader } from '../system.ts'
import { isTestPath, isTestScript } from '../tests.ts'
import { packageScripts } from './scripts.ts'

export const packageJsonReader: Reader = {
  read(snapshot) {
    const starts = new Starts(snapshot)
    const scripts = snapshot.matched.flatMap((path) => {
      const text = starts.text(path)
      if (text === undefined) return []
      const { scripts: named, problems } = packageScripts(text)
      for (const { reason, origin } of problems) starts.problem(reason, origin)
      // npm runs scripts in the package's own directory (npm-run-script(1)).
      const directories = [directoryOf(path)]
      return [...named.values()].map(({ name, passage }) => {
        const found = starts.ofShell(passage, { workingDirectory: directories[0], incidental: true })
        return { name, found, directories, environment: isTestPath(path) || isTestScript(name) ? 'test' : undefined }
      })
    })
    const images = imagesOf(scripts, starts)
    const evidence = scripts.flatMap(({ name, found, environment }) => evidenceOf(found, 'npm-script', name, environment, images, starts))
    return { evidence: [...evidence, ...starts.gaps()], needs: [...starts.needs], globs: [] }
  },
}
