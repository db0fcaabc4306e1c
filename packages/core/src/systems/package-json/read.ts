import type { Evidence } from '../../evidence/index.ts'
import { directoryOf } from '../paths.ts'
import { evidenceOf } from '../shell/read.ts'
import { Starts } from '../starts.ts'
import type { Reader } from '../system.ts'
import { isTestPath, isTestScript } from '../tests.ts'
import { packageScripts } from './scripts.ts'

export const packageJsonReader: Reader = {
  read(snapshot) {
    const starts = new Starts(snapshot)
    const evidence = snapshot.matched.flatMap((path): readonly Evidence[] => {
      const text = starts.text(path)
      if (text === undefined) return []
      const { scripts, problems } = packageScripts(text)
      for (const { reason, origin } of problems) starts.problem(reason, origin)
      return [...scripts.values()].flatMap((script) => {
        const environment = isTestPath(path) || isTestScript(script.name) ? 'test' : undefined
        // npm runs scripts in the package's own directory (npm-run-script(1)).
        const found = starts.ofShell(script.passage, { workingDirectory: directoryOf(path), incidental: true })
        return evidenceOf(found, 'npm-script', script.name, environment, starts)
      })
    })
    return { evidence: [...evidence, ...starts.gaps()], needs: [...starts.needs], globs: [] }
  },
}
