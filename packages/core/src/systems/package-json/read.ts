import type { Evidence } from '../../evidence/index.ts'
import { directoryOf } from '../paths.ts'
import { firewallOrContainer } from '../shell/claims.ts'
import { launchesOf, type Start, Starts, startsSomething } from '../starts.ts'
import { evidenceIn, type Reader } from '../system.ts'
import { packageScripts, type Script } from './scripts.ts'

export const packageJsonReader: Reader = {
  read(snapshot) {
    const starts = new Starts(snapshot)
    const evidence = snapshot.matched.flatMap((path): readonly Evidence[] => {
      const text = starts.text(path)
      if (text === undefined) return []
      const { scripts, problems } = packageScripts(text)
      for (const { reason, origin } of problems) starts.problem(reason, origin)
      return [...scripts.values()].flatMap((script) =>
        // npm runs scripts in the package's own directory (npm-run-script(1)).
        starts
          .ofShell(script.passage, { workingDirectory: directoryOf(path) })
          .flatMap((start) => firewallOrContainer(start, starts) ?? launches(start, script, starts)),
      )
    })
    return { evidence: [...evidence, ...starts.gaps()], needs: [...starts.needs], globs: [] }
  },
}

function launches(start: Start, script: Script, starts: Starts): readonly Evidence[] {
  if (!startsSomething(start)) return []
  return launchesOf(start, 'npm-script', script.name).map((launch) => evidenceIn(starts.snapshot.context, launch, start.origin))
}
