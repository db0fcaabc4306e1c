import type { Text } from '../../evidence/index.ts'
import type { Family } from '../../network/index.ts'
import type { LoadProblem } from './loaded.ts'
import type { RulesFiles } from './start.ts'
import { isTuple, readTuple, type Tuple } from './tuple.ts'

/** The ports of each profile in /etc/ufw/applications.d, as written: `80,443/tcp`, or several with `|` between (ufw(8), APPLICATION INTEGRATION). */
function readProfiles(files: readonly Text[]): ReadonlyMap<string, ReadonlySet<string>> {
  const profiles = new Map<string, ReadonlySet<string>>()
  for (const file of files) {
    let name: string | undefined
    for (const line of file.content.split(/\r\n|\n|\r/)) {
      const section = /^\[(.+)\]\s*$/.exec(line)?.[1]
      const ports = /^ports\s*[=:]\s*(.*?)\s*$/i.exec(line)?.[1]
      if (section !== undefined) name = section
      // The first of a name counts.
      else if (ports !== undefined && name !== undefined && !profiles.has(name))
        profiles.set(name, new Set(ports.split('|').map((part) => part.trim())))
    }
  }
  return profiles
}

/** A rule keeps the ports that its profile had when it was made: what the profile says now is loaded only after `ufw app update`. */
export function profileProblems(files: ReadonlyMap<Family, RulesFiles>, texts: readonly Text[]): readonly LoadProblem[] {
  const profiles = readProfiles(texts)
  return [...files.values()].flatMap(({ user }) =>
    (user?.lineStarts ?? []).flatMap((_, index): readonly LoadProblem[] => {
      const line = user?.line(index + 1).trim() ?? ''
      const tuple = isTuple(line) ? readTuple(line) : undefined
      if (user === undefined || tuple === undefined) return []
      const stale = PAIRS.find(([profile, ports]) => {
        const said = profiles.get(tuple[profile])
        return said !== undefined && !said.has(withProtocol(tuple[ports], tuple.protocol))
      })
      if (stale === undefined) return []
      const what = `the profile ${tuple[stale[0]]} has other ports now; the rule keeps ${withProtocol(tuple[stale[1]], tuple.protocol)} until "ufw app update"`
      return [{ what, origin: user.lineOrigin(index + 1), affects: false }]
    }),
  )
}

const PAIRS: readonly (readonly [keyof Tuple & `${string}Profile`, keyof Tuple & `${string}Ports`])[] = [
  ['destinationProfile', 'destinationPorts'],
  ['sourceProfile', 'sourcePorts'],
]

function withProtocol(ports: string, protocol: string): string {
  return protocol === 'any' ? ports : `${ports}/${protocol}`
}
