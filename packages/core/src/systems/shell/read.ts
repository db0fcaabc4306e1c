import type { Evidence } from '../../evidence/index.ts'
import { directoryOf } from '../paths.ts'
import { launchesOf, type Start, Starts, startsSomething } from '../starts.ts'
import { evidenceIn, type Reader } from '../system.ts'
import { firewallOrContainer } from './claims.ts'

export const shellReader: Reader = {
  read(snapshot) {
    const starts = new Starts(snapshot)
    const evidence = snapshot.matched.flatMap((path): readonly Evidence[] => {
      const text = starts.text(path)
      if (text === undefined) return []
      // A script is started from its own directory or from the folder's.
      return starts
        .ofShell(text, { script: path, directories: [...new Set([directoryOf(path), ''])] })
        .flatMap((start) => firewallOrContainer(start, starts) ?? launches(start, path, starts))
    })
    return { evidence: [...evidence, ...starts.gaps()], needs: [...starts.needs], globs: [] }
  },
}

function launches(start: Start, name: string, starts: Starts): readonly Evidence[] {
  if (!startsSomething(start)) return []
  return launchesOf(start, 'shell', name).map((launch) => evidenceIn(starts.snapshot.context, launch, start.origin))
}
