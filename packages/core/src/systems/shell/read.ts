import { type Evidence, knownText, type LaunchKind } from '../../evidence/index.ts'
import { ambient } from '../ambient.ts'
import { writtenVariables } from '../dotenv/written.ts'
import { environmentIn } from '../environments.ts'
import { directoryOf, nameOf } from '../paths.ts'
import { isTestPath } from '../tests.ts'
import { launchesOf, startsSomething } from '../launches.ts'
import { startedByPm2 } from '../pm2/started.ts'
import { type Start, Starts } from '../starts/index.ts'
import { type BuiltImages, imagesOf } from '../container-run/image.ts'
import { evidenceIn, type Reader } from '../system.ts'
import { firewallOrContainer } from './claims.ts'

/** Starts of one script; the rest of a longer one is reported and left out. */
export const STARTS = 200

export const shellReader: Reader = {
  read(snapshot, tools) {
    const starts = new Starts(snapshot, tools)
    const scripts = snapshot.matched.flatMap((path) => {
      const text = starts.text(path)
      // A script is started from its own directory or from the folder's.
      const directories = [...new Set([directoryOf(path), ''])]
      return text === undefined
        ? []
        : [
            {
              path,
              directories,
              found: starts.ofShell(text, { ...ambient(directoryOf(path), starts), script: path, directories, incidental: true }),
            },
          ]
    })
    const images = imagesOf(scripts, starts)
    const evidence = scripts.flatMap(({ path, found }) => {
      const environment = isTestPath(path) ? 'test' : environmentIn(nameOf(path))
      return evidenceOf(found, 'shell', path, environment, images, starts)
    })
    return { evidence: [...evidence, ...starts.gaps()], needs: [...starts.needs], globs: [], written: starts.written.documents() }
  },
}

/** What the commands of a script start, publish, and let through the firewall. */
export function evidenceOf(
  found: readonly Start[],
  by: LaunchKind,
  name: string,
  environment: string | undefined,
  images: BuiltImages,
  starts: Starts,
): readonly Evidence[] {
  const { context } = starts.snapshot
  const evidence = found.flatMap((start): readonly Evidence[] => {
    const other = firewallOrContainer(start, starts, images)
    if (other !== undefined) return other
    const { environmentName, configurationFiles } = start.reading
    const managed = startedByPm2(start, starts, environment)
    if (environmentName !== undefined)
      return [
        ...configurationFiles.map((file) =>
          evidenceIn(context, { claim: 'environment-choice', file, environmentName }, start.origin, environment),
        ),
        ...managed,
      ]
    if (managed.length > 0) return managed
    return startsSomething(start) || isEcosystem(start)
      ? launchesOf(start, by, name).map((launch) => evidenceIn(context, launch, start.origin, environment))
      : []
  })
  const last = evidence[STARTS]
  if (last?.origin.kind === 'file') starts.problem(`more than ${STARTS} starts: those from here on are left out`, last.origin)
  return [...evidence.slice(0, STARTS), ...writtenVariables(starts)]
}

/** A program may be called by others: `sudo npx pm2 …`. */
const MOST_WRAPPERS = 3

/** PM2 with a file of its own, which tells what is started; that it is started here is told by the script. */
function isEcosystem({ words, reading: { configurationFiles } }: Start): boolean {
  return configurationFiles.length > 0 && words.slice(0, MOST_WRAPPERS + 1).some((word) => nameOf(knownText(word.text) ?? '') === 'pm2')
}
