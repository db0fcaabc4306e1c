import type { Evidence, Setting, Text } from '../../evidence/index.ts'
import { environmentIn } from '../environments.ts'
import { PassageBuilder } from '../passage.ts'
import { directoryOf, joinPath, nameOf } from '../paths.ts'
import { launchesOf, mainStarts } from '../launches.ts'
import { Starts } from '../starts/index.ts'
import { evidenceIn, type Reader } from '../system.ts'

/** Process types of one file. */
const LINES = 500
const LINE = /^([A-Za-z0-9_-]{1,100})[ \t]*:[ \t]*/

export const procfileReader: Reader = {
  read(snapshot) {
    const starts = new Starts(snapshot)
    const evidence = snapshot.matched.flatMap((path): readonly Evidence[] => {
      const text = starts.text(path)
      return text === undefined ? [] : launches(text, starts)
    })
    return { evidence: [...evidence, ...starts.gaps()], needs: [...starts.needs], globs: [] }
  },
}

/** `name: command`, a line each (devcenter.heroku.com/articles/procfile). */
function launches(text: Text, starts: Starts): readonly Evidence[] {
  const directory = directoryOf(text.path)
  const name = nameOf(text.path)
  const environment = environmentIn(name)
  // foreman, honcho, overmind and `heroku local` load it. A platform, which runs the file of this very name, does not.
  const files = [joinPath(directory, '.env') ?? '.env'].filter((path) => starts.snapshot.paths.has(path))
  const ofRunner = name === 'Procfile' ? { environmentFiles: [], runnerFiles: files } : { environmentFiles: files, runnerFiles: [] }
  const evidence: Evidence[] = []
  let count = 0
  for (const [index, start] of text.lineStarts.entries()) {
    const line = text.line(index + 1)
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue
    const origin = text.origin(start, start + line.trimEnd().length)
    if (++count > LINES) {
      starts.problem(`more than ${LINES} lines`, origin)
      break
    }
    const match = LINE.exec(line.slice(0, 200))
    const type = match?.[1]
    if (match === null || type === undefined) {
      starts.problem('this line names no process', origin)
      continue
    }
    const builder = new PassageBuilder(text)
    builder.copy(start + match[0].length, start + line.trimEnd().length)
    // Whoever runs the file chooses the port, and tells it by PORT.
    const port: Setting = { value: { kind: 'unknown', reason: 'PORT is set by whoever runs the Procfile', origin }, origin }
    const found = starts.ofShell(builder.build(), {
      workingDirectory: directory,
      environment: new Map([['PORT', port]]),
      environmentFiles: ofRunner.environmentFiles,
    })
    for (const one of mainStarts(found))
      for (const launch of launchesOf(one, 'procfile', type, { runnerFiles: ofRunner.runnerFiles }))
        evidence.push(evidenceIn(starts.snapshot.context, launch, origin, environment))
  }
  return evidence
}
