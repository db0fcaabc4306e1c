import { printable } from '@sallyport/core/evidence'
import { formatAddressSet, sameSources, sourceAddresses } from '@sallyport/core/network'
import type { Difference, HostModel, Verdict } from '@sallyport/core/reach'
import { isOpening, type Look } from '../commands/diff.ts'
import { SENDER_TITLES, stepLines } from './ways.ts'
import { addressAndPort, processText } from './words.ts'

/** The words of `sallyport diff`: what is newly open first. */
export function diffText([before, after]: readonly [Look, Look], differences: readonly Difference[]): string {
  return [
    [`before: ${lookText(before)}`, `after:  ${lookText(after)}`, ...otherHost(before, after)].join('\n'),
    ...differenceTexts(differences, before.host, after.host),
  ]
    .join('\n\n')
    .concat('\n')
}

/** A paragraph for what is newly open, and one for what is newly closed. */
export function differenceTexts(differences: readonly Difference[], before: HostModel, after: HostModel): readonly string[] {
  if (differences.length === 0) return ['To what listens, before or now, every packet fares as before.']
  const opened = differences.filter(isOpening)
  const closed = differences.filter((item) => !isOpening(item))
  return [...section('Newly open', opened, after, before), ...section('Newly closed', closed, after, before)]
}

function lookText({ path, capture }: Look): string {
  return `${printable(path)}, ${printable(capture.host)} at ${new Date(capture.capturedAt).toISOString()}`
}

function otherHost({ capture: a }: Look, { capture: b }: Look): readonly string[] {
  return a.host === b.host ? [] : ['These are two hosts: what differs is told by address, port and interface.']
}

const VERDICTS: Readonly<Record<Verdict, string>> = { closed: 'closed', maybe: 'may arrive', open: 'open' }

function section(title: string, items: readonly Difference[], after: HostModel, before: HostModel): readonly string[] {
  if (items.length === 0) return []
  const takers = inGroups(items, (item) => takerText(item, item.is === 'closed' ? before : after))
  return [[title, ...[...takers].flatMap(([taker, list]) => [`  ${taker}`, ...changeLines(list)])].join('\n')]
}

/** `tcp 6379  redis-server, pid 77` */
function takerText({ protocol, endpoint }: Difference, host: HostModel): string {
  const processes = endpoint.sockets.flatMap(({ claim }) => claim.processes.flatMap((pid) => host.processes.get(pid) ?? []))
  const [first] = processes
  const namespace = host.namespaces.get(endpoint.namespace)
  const inside = namespace === undefined || namespace.kind === 'host' ? '' : ` in ${printable(namespace.label)}`
  const who = first === undefined ? 'nobody that was seen' : `${processText(first.claim)}, pid ${first.claim.pid}`
  return `${protocol} ${endpoint.port}  ${who}${inside}`
}

/** What fares alike is told once, with the way of the first. */
function changeLines(items: readonly Difference[]): readonly string[] {
  const alike = inGroups(items, ({ was, is, sender, family }) => `${was} ${is} ${sender} ${family}`)
  return [...alike.values()].flatMap(([first, ...others]) => {
    const { was, is, family, way } = first
    const more = others.length === 0 ? '' : ` and ${others.length} more`
    return [
      `    from ${whoText(first)}, IPv${family}, to ${addressAndPort(way.at.address, way.at.port)}${more}: was ${VERDICTS[was]}, is ${VERDICTS[is]}`,
      ...(is === 'closed' ? [] : stepLines(way).map((line) => `      ${line}`)),
    ]
  })
}

/** So many address ranges are still read. */
const MOST_RANGES = 3

/** The sender, or the few of its addresses for which it differs. */
function whoText({ sender, sources, way }: Difference): string {
  const ranges = formatAddressSet(sourceAddresses(sources))
  const all = way.entire && sameSources(sources, way.sources)
  return all || sender === 'host' || ranges.length > MOST_RANGES ? SENDER_TITLES[sender] : ranges.join(', ')
}

function inGroups(items: readonly Difference[], keyOf: (item: Difference) => string): ReadonlyMap<string, [Difference, ...Difference[]]> {
  const found = new Map<string, [Difference, ...Difference[]]>()
  for (const item of items) {
    const group = found.get(keyOf(item))
    if (group === undefined) found.set(keyOf(item), [item])
    else group.push(item)
  }
  return found
}
