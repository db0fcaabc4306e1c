import { ABSENT, type FileOrigin, type Value } from '../../evidence/index.ts'
import { directoryOf } from '../paths.ts'
import { IN_FOLDER } from '../shell/expand.ts'
import { type Datum, known, unknown } from './datum.ts'
import type { Surroundings } from './surroundings.ts'
import type { Drive } from './syntax.ts'

/** Variables that PowerShell itself sets (about_Automatic_Variables). */
function automatic(name: string, at: Surroundings, origin: FileOrigin): Datum | undefined {
  const { script, scope } = at
  const place = (path: string): Value =>
    script === undefined ? unknown('the place of the script is not known', origin) : known(IN_FOLDER + path, origin)
  switch (name) {
    case 'true':
      return known(true, origin)
    case 'false':
      return known(false, origin)
    case 'null':
      return ABSENT
    case 'psscriptroot':
      return place(directoryOf(script ?? ''))
    case 'pscommandpath':
      return place(script ?? '')
    case 'myinvocation': {
      const path = place(script ?? '')
      const command = { kind: 'table' as const, entries: new Map(['path', 'definition', 'source'].map((key) => [key, path])) }
      return {
        kind: 'table',
        entries: new Map<string, Datum>([
          ['mycommand', command],
          ['pscommandpath', path],
          ['psscriptroot', place(directoryOf(script ?? ''))],
        ]),
      }
    }
    case 'pwd':
      return scope.directory === undefined
        ? unknown('where the script is started is not known', origin)
        : known(IN_FOLDER + scope.directory, origin)
    case 'host':
      return unknown('`$Host` is PowerShell’s own, and no address', origin)
    default:
      return undefined
  }
}

/** What a variable holds; one of the environment that nothing sets is what it is at start. */
export function variable(drive: Drive, name: string, at: Surroundings, origin: FileOrigin): Datum {
  if (drive === 'env')
    return at.scope.environment(name)?.value ?? { kind: 'environment', name, fallback: ABSENT, emptyIsUnset: true, origin }
  const own = automatic(name, at, origin)
  if (own !== undefined) return own
  return at.scope.variables.get(name)?.datum ?? unknown(`\`$${name}\` is set by nothing that was read`, origin)
}
