import { type Bind, type Evidence, evidenceOf, resolveValue, type Setting, show, Text } from '@sallyport/core/evidence'
import { collectFolder } from '../collect/folder/index.ts'
import { admits, type Allowed } from './allowed.ts'
import { readHostText } from './host-text.ts'
import type { Exposed } from './watch.ts'

/** Lines that are told. */
const MOST = 3
/** A line that the program’s own words lead to goes before one that has the port. */
const STARTED = 10

/**
 * The lines of the folder that bind what was found, best first: `server.js:4: app.listen(8000)`. Sought only when something was found, since all of
 * the folder is read for it. Empty where no line is known to.
 */
export async function linesThatBind(
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
  allowed: Allowed,
  found: Exposed,
  /** What the program that listened was started with. */
  command: string,
): Promise<readonly string[]> {
  const binds = evidenceOf(await collectFolder(folder, Date.now()), 'bind').filter(({ claim }) => !claim.test)
  const origin = new Text('the environment', '').origin(0, 0)
  const settings = new Map(
    Object.entries(environment).flatMap(([name, value]): [string, Setting][] =>
      value === undefined ? [] : [[name, { value: { kind: 'known', value, origin }, origin }]],
    ),
  )
  const surroundings = { environment: settings, arguments: new Map<string, Setting>() }
  const ranked = binds.flatMap((bind) => {
    const isStarted = bind.claim.entries.some((entry) => command.split(' ').some((word) => word === entry || word.endsWith(`/${entry}`)))
    const rank = rankOf(bind, surroundings, allowed, found) * (isStarted ? STARTED : 1)
    return rank === 0 || bind.origin.kind !== 'file' ? [] : [{ rank, origin: bind.origin }]
  })
  const best = Math.max(0, ...ranked.map(({ rank }) => rank))
  return ranked
    .filter(({ rank }) => rank === best)
    .slice(0, MOST)
    .map(({ origin: place }) => `${show(place.path)}:${place.span.start.line}: ${place.line}`)
}

/** 0: it does not bind that; 2: it says the very port; 1: it may. */
function rankOf(
  { claim }: Evidence<Bind>,
  surroundings: Parameters<typeof resolveValue>[1],
  allowed: Allowed,
  { protocol, port }: Exposed,
): number {
  if (claim.protocol !== protocol) return 0
  const isWide = resolveValue(claim.host, surroundings).some((host) => {
    if (host.kind === 'unknown') return true
    const text = host.kind === 'absent' ? claim.defaultHost : host.value === true ? '*' : String(host.value)
    const read = readHostText(text)
    return read.kind === 'address' ? !admits(allowed, { protocol, address: read.address, port }) : read.kind === 'name'
  })
  if (!isWide) return 0
  const ports = resolveValue(claim.port, surroundings).map((one) => {
    if (one.kind === 'known') return Number(one.value) === port ? 2 : 0
    if (one.kind === 'absent') return claim.defaultPort === port ? 2 : claim.defaultPort === undefined ? 1 : 0
    return 1
  })
  return Math.max(0, ...ports)
}
