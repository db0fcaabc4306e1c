import { Failure } from '../../failure.ts'
import type { Application, Applier, Wanted } from '../application.ts'
import type { Rules } from '../rules.ts'
import { findDaemon } from './daemon.ts'
import { ecosystem } from './ecosystem.ts'
import { dumped, type Listed, listed } from './listed.ts'
import { changedFields, formerOf, isChanged, newApp, type Part, partsOf, textThere, textWanted } from './plan.ts'
import { remarksOf } from './remarks.ts'
import { doubts, isSaved, keep, refuseLost, savedBeside, TOLD } from './saved.ts'
import { FILES, makeScript, type Names, wayBackScript } from './scripts.ts'
import { FORMER, wayBackAgain } from './undo.ts'
import { patienceOf, watch } from './watch.ts'

/** The apps of the policy in the PM2 of the user who runs this, by PM2's own commands; everything else that it runs is somebody else's. */
export const pm2: Applier = {
  name: 'pm2',
  changes: 'apps',
  async prepare({ files, apps, directory }: Wanted): Promise<Application> {
    const daemon = findDaemon(directory)
    const all = await listed(daemon)
    const parts = partsOf(apps, all, directory, daemon)
    if (parts.length === 0)
      throw new Failure('PM2 has none of the policy’s services', 'say which are its, and how they are started: run: { pm2: NAME }')
    const changed = parts.filter(isChanged)
    const added = changed.filter(({ processes }) => processes.length === 0)
    const names: Names = {
      changed: new Map(changed.flatMap(({ app, processes }) => (processes.length === 0 ? [] : [[app.name, processes.length] as const]))),
      added: added.map(({ app }) => app.name),
    }
    const { lasting, contrary } = await ecosystem(files, parts)
    const isKept = isSaved(daemon, parts)
    return {
      files: new Map([
        [TOLD, String(daemon.pid)],
        [FILES.before, dumpOf(changed, (_, process) => dumped(process))],
        [FILES.after, dumpOf(changed, (part, process) => dumped(process, changedFields(part, process)))],
        [FORMER, JSON.stringify(changed.map(formerOf))],
        [FILES.added, JSON.stringify({ apps: added.map(newApp) })],
      ]),
      apply: makeScript(daemon, directory, names),
      revert: wayBackScript(daemon, names),
      own: (_, text) => text,
      others: () => '',
      lasting,
      isKept,
      compared: {
        before: textsOf(parts, all),
        after: new Map(parts.map((part) => [keyOf(part), textWanted(part)])),
        now: async () => textsOf(parts, await listed(daemon)),
      },
      watch: () => watch(daemon, changed),
      remarks: remarksOf({ daemon, parts, changed, all, isKept, beside: savedBeside(daemon, parts, all), contrary }),
      patience: patienceOf(changed),
    }
  },
  refuseLost,
  keep,
  wayBackAgain,
  doubts,
}

function keyOf({ app }: Part): string {
  return `app ${app.name}`
}

function textsOf(parts: readonly Part[], all: readonly Listed[]): Rules {
  return new Map(
    parts.flatMap((part): readonly [string, string][] => {
      const processes = all.filter(({ name }) => name === part.app.name)
      return processes.length === 0 ? [] : [[keyOf(part), textThere(part, processes)]]
    }),
  )
}

function dumpOf(parts: readonly Part[], definition: (part: Part, process: Listed) => ReturnType<typeof dumped>): string {
  return JSON.stringify(parts.flatMap((part) => part.processes.map((process) => definition(part, process))))
}
