import type { Finding } from '@sallyport/core/audit'
import { placeText } from '../report/words.ts'

/** A finding in one line: what it says, its rule and its first place. */
export function toldText({ rule, message, places }: Finding): string {
  return `${message} (${rule}${places[0] === undefined ? '' : `, ${placeText(places[0].origin)}`})`
}
