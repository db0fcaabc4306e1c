import { writeSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import { GuardError } from '../failure.ts'
import type { Asked } from './policy.ts'
import type { Place } from './place.ts'

const STDERR = 2

/** What was asked for and by whom, as one line without its end. */
export interface Event extends Asked {
  readonly protocol: 'tcp' | 'udp' | 'inspector'
  readonly place: Place | undefined
}

function shownAsked({ address, port, protocol }: Event): string {
  const where = address === undefined ? `port ${port} of every interface` : endpoint(address, port)
  return protocol === 'tcp' ? where : `${where} (${protocol})`
}

export function endpoint(address: string, port: number): string {
  return `${isIPv6(address) ? `[${address}]` : address}:${port}`
}

function asker(place: Place | undefined): string {
  if (place === undefined || place.at === '') return ''
  return ` Asked at ${place.at}${place.through === '' ? '' : `, in the package ${place.through}`}.`
}

/** One line on stderr, at once: the process may be about to end. */
export function sayRebound(event: Event, instead: string): void {
  write(`sallyport: ${shownAsked(event)} would be open to other machines; it is ${instead} instead.${asker(event.place)}`)
}

/** Says why, and gives the error to throw. */
export function refusal(event: Event, why: string): GuardError {
  const text = `${shownAsked(event)} would be open to other machines${why}.${asker(event.place)}`
  write(`sallyport: refused: ${text}`)
  return new GuardError('host-exposed', text)
}

function write(line: string): void {
  try {
    writeSync(STDERR, `${line.replaceAll(/[\0-\x1f\x7f]/g, ' ')}\n`)
  } catch {
    // A terminal that is gone hears nothing.
  }
}
