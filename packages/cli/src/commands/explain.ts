import type { AuditReport, ServiceRow } from '@sallyport/core/audit'
import { printable } from '@sallyport/core/evidence'
import { countAddresses, hasAddress, parseAddress, sourceAddresses } from '@sallyport/core/network'
import { type Blocked, type EndpointReach, limitedSources, type Sender, type Way } from '@sallyport/core/reach'
import { EXIT } from '../exit.ts'
import { Failure } from '../failure.ts'
import { addressAndPort, endpointText, placeText, stepText } from '../report/words.ts'
import { look, type LookOptions } from './look.ts'

export interface ExplainOptions extends LookOptions {
  readonly from?: string
  readonly protocol?: 'tcp' | 'udp'
  readonly folder: string
}

/** `sallyport explain SERVICE|PORT [--from SOURCE|ADDRESS]`: the packet's way, one line a step; or what stops it. */
export async function explain(subject: string, options: ExplainOptions): Promise<number> {
  const report = await look(options.folder, options)
  const found = endpointsOf(report, subject).filter(
    ({ reach }) => options.protocol === undefined || reach.endpoint.protocol === options.protocol,
  )
  if (found.length === 0) {
    const row = report.rows.find((item) => item.name === subject)
    if (row !== undefined) {
      process.stdout.write(`${notRunning(row)}\n`)
      return EXIT.clean
    }
    const names = report.rows.map((item) => item.name).join(', ')
    throw new Failure(`nothing here is called ${subject} or listens on that port`, `what there is: ${names === '' ? 'nothing' : names}`)
  }
  process.stdout.write(`${found.map(({ row, reach }) => explainEndpoint(report, row, reach, options.from)).join('\n\n')}\n`)
  return EXIT.clean
}

function endpointsOf(report: AuditReport, subject: string): readonly { readonly row: ServiceRow; readonly reach: EndpointReach }[] {
  const all = report.rows.flatMap((row) => row.now.map((reach) => ({ row, reach })))
  const named = all.filter(({ row }) => row.name === subject)
  if (named.length > 0) return named
  const port = Number(/^\d{1,5}$/.exec(subject)?.[0] ?? Number.NaN)
  return all.filter(
    ({ row, reach }) =>
      isPublished(row, port) ||
      reach.endpoint.port === port ||
      [...reach.ways, ...reach.blocked].some((item) => item.at.port === port) ||
      endpointText(reach.endpoint) === subject,
  )
}

function isPublished(row: ServiceRow, port: number): boolean {
  return row.container?.claim.published.some(({ hostPorts }) => hostPorts.first <= port && port <= hostPorts.last) === true
}

function notRunning(row: ServiceRow): string {
  const plans = row.planned.map(
    (plan) =>
      `  ${placeText(plan.cause)}: ${plan.exposure.kind === 'undecided' ? plan.exposure.reason : `binds ${plan.exposure.kind}`}${plan.port === undefined ? '' : `, port ${plan.port}`}`,
  )
  return [`${row.name} is not running: no packet is taken.`, ...(plans.length === 0 ? [] : ['When it is started:', ...plans])].join('\n')
}

const SENDERS: Readonly<Record<string, Sender>> = { internet: 'internet', private: 'private', host: 'host' }

const SENDER_TITLES: Readonly<Record<Sender, string>> = {
  internet: 'From the internet',
  private: 'From neighbours',
  host: 'From containers of this machine',
}

function explainEndpoint(report: AuditReport, row: ServiceRow, reach: EndpointReach, from: string | undefined): string {
  const title = `${row.name}: ${reach.endpoint.protocol} ${endpointText(reach.endpoint)}`
  const where = report.namespaces.get(reach.endpoint.namespace)
  const sent = (item: Way | Blocked): boolean => isFrom(item, from)
  const ways = reach.ways.filter(sent)
  const blocked = reach.blocked.filter(sent)
  const lines = [`${title}${where === undefined ? '' : ` in ${where}`}`]
  if (row.declared !== undefined) lines.push(`  declared at ${placeText(row.declared.origin)}`)
  for (const plan of row.planned.filter((item) => item.port === reach.endpoint.port))
    lines.push(`  bound as ${placeText(plan.cause)} says: ${plan.cause.line}`)
  for (const group of alike(ways)) lines.push('', ...wayLines(group))
  for (const group of alike(blocked)) lines.push('', ...blockedLines(group))
  if (ways.length + blocked.length === 0)
    lines.push(
      '',
      from === undefined
        ? '  No packet from outside its own namespace is addressed to it: the socket takes none.'
        : `  No packet of ${from} comes this far.`,
    )
  return lines.join('\n')
}

function isFrom(item: Way | Blocked, from: string | undefined): boolean {
  if (from === undefined) return true
  const sender = SENDERS[from]
  if (sender !== undefined) return item.sender === sender
  const address = parseAddress(from)
  if (address === undefined)
    throw new Failure(`${from} is neither an address nor one of internet, private, host`, 'name one of these with --from')
  return hasAddress(sourceAddresses(item.sources), address)
}

/** Ways of one sender and family that end alike: the one with the most sources is shown, the others are named. */
function alike<T extends Way | Blocked>(items: readonly T[]): readonly (readonly [T, ...T[]])[] {
  const groups = new Map<string, [T, ...T[]]>()
  for (const item of items) {
    const key = [
      item.sender,
      item.family,
      'certainty' in item ? `${item.certainty} ${item.upstream ?? ''}` : item.rejected,
      item.path
        .map((step) => step.kind)
        .filter((kind) => kind !== 'netfilter')
        .join(' '),
    ].join('|')
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else if (countAddresses(sourceAddresses(item.sources)) > countAddresses(sourceAddresses(group[0].sources))) group.unshift(item)
    else group.push(item)
  }
  return [...groups.values()]
}

function title(item: Way | Blocked, verdict: string): string {
  const limited = 'entire' in item ? limitedSources(item) : undefined
  const who = limited === undefined || limited.length > MOST_RANGES ? SENDER_TITLES[item.sender] : `From ${limited.join(', ')}`
  return `  ${who}, IPv${item.family}, to ${addressAndPort(item.at.address, item.at.port)}: ${verdict}`
}

const MOST_RANGES = 3

function others([first, ...rest]: readonly (Way | Blocked)[]): readonly string[] {
  const own = first === undefined ? '' : `${addressAndPort(first.at.address, first.at.port)} at ${printable(first.entry.device)}`
  const texts = new Set(rest.map((item) => `${addressAndPort(item.at.address, item.at.port)} at ${printable(item.entry.device)}`))
  texts.delete(own)
  return texts.size === 0 ? [] : [`    likewise ${[...texts].join(', ')}`]
}

function wayLines(group: readonly [Way, ...Way[]]): readonly string[] {
  const [way] = group
  const verdict =
    way.certainty === 'maybe' ? 'MAY ARRIVE' : way.upstream === undefined ? 'ARRIVES' : `ARRIVES, if ${way.upstream} lets it through`
  return [
    title(way, verdict),
    ...steps(way),
    ...bypassed(way),
    ...way.reasons.map((reason) => `    not decided: ${reason.text}`),
    ...others(group),
  ]
}

/** The misunderstanding that published ports are made of: a deny rule that no packet of them ever meets. */
function bypassed(way: Way): readonly string[] {
  const translated = way.path.some((step) => step.kind === 'netfilter' && step.step.kind === 'translate')
  const forwarded = way.path.some((step) => step.kind === 'cross')
  return translated && forwarded
    ? [
        '    the rules for this machine itself (hook input, ufw’s allow and deny) are never asked: the packet is translated before them, and forwarded',
      ]
    : []
}

function blockedLines(group: readonly [Blocked, ...Blocked[]]): readonly string[] {
  return [title(group[0], group[0].rejected ? 'REFUSED' : 'DROPPED'), ...steps(group[0]), ...others(group)]
}

function steps(item: Way | Blocked): readonly string[] {
  return item.path.map((step, index) => `    ${index + 1}. ${stepText(step)}`)
}
