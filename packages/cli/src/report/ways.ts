import { countAddresses, formatAddressSet, sourceAddresses } from '@sallyport/core/network'
import { type Blocked, limitedSources, type Sender, type Way } from '@sallyport/core/reach'
import { addressAndPort, stepText } from './words.ts'

/** Ways of one sender and family that end alike: the one with the most sources is shown, the others are named. */
export function alike<T extends Way | Blocked>(items: readonly T[]): readonly (readonly [T, ...T[]])[] {
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
      // What the machine sends to a container itself, and what it sends to an address of its own.
      isOwn(item) ? item.entry.device : '',
    ].join('|')
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else if (countAddresses(sourceAddresses(item.sources)) > countAddresses(sourceAddresses(group[0].sources))) group.unshift(item)
    else group.push(item)
  }
  return [...groups.values()]
}

export const SENDER_TITLES: Readonly<Record<Sender, string>> = {
  internet: 'the internet',
  private: 'neighbours',
  host: 'containers of this machine',
}

/** So many address ranges are still read. */
const MOST_RANGES = 3

/** The machine sends it itself. */
export function isOwn({ path }: Way | Blocked): boolean {
  return path[0]?.kind === 'send'
}

/** The sender, or the few of its addresses that a rule tells from the others. */
export function senderText(item: Way | Blocked): string {
  if (isOwn(item)) return ownText(item)
  const limited = 'certainty' in item ? limitedSources(item) : undefined
  return limited === undefined || limited.length > MOST_RANGES ? SENDER_TITLES[item.sender] : limited.join(', ')
}

function ownText({ entire, sources }: Way | Blocked): string {
  if (entire !== false) return 'this machine'
  const some = formatAddressSet(sourceAddresses(sources))
  return `this machine, sending as ${some.length > MOST_RANGES ? 'some of its addresses' : some.join(' or ')}`
}

/** What becomes of it; of a way that something unseen stands before, with that. */
export function verdictText(item: Way | Blocked): string {
  if (!('certainty' in item)) return item.rejected ? 'REFUSED' : 'DROPPED'
  if (item.certainty === 'maybe') return 'MAY ARRIVE'
  return item.upstream === undefined ? 'ARRIVES' : `ARRIVES, if let through by ${item.upstream}`
}

/** `IPv4, to 198.51.100.10:3000` */
export function addressedText(item: Way | Blocked): string {
  return `IPv${item.family}, to ${addressAndPort(item.at.address, item.at.port)}`
}

export function stepLines(item: Way | Blocked): readonly string[] {
  return item.path.map((step, index) => `${index + 1}. ${stepText(step)}`)
}
