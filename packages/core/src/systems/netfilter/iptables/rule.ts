import { type Condition, type Expression, show } from '../../../evidence/index.ts'
import { numberSet } from '../../../network/index.ts'
import { all, isAlways, match, not, opaque, opaqueAction } from '../conditions.ts'
import { protocolNumber } from '../protocols.ts'
import { matchArities, readMatch } from './matches.ts'
import { groupOptions, type Use } from './options.ts'
import { readTarget, targetArities } from './targets.ts'
import { readAddresses, type ValueContext } from './values.ts'
import type { Word } from './words.ts'

/** More words than any rule has; iptables itself takes 255. */
const MOST_WORDS = 1024

/** What the words after `-A CHAIN` ask and do. Words that cannot be placed make the whole rule undecided. */
export function readRuleWords(words: readonly Word[], context: ValueContext): readonly Expression[] {
  if (words.length > MOST_WORDS) return [opaqueAction(`a rule of ${words.length} words`)]
  const { plain, matches, target, goto, stray } = groupOptions(words, matchArities, targetArities)
  if (stray.length > 0) return [opaqueAction(words.map(({ text }) => text).join(' '))]
  const condition = all(...plain.map((use) => readPlain(use, context)), ...matches.map((extension) => readMatch(extension, context)))
  return [...(isAlways(condition) ? [] : [match(condition)]), ...(target === undefined ? [] : readTarget(target, goto, context.family))]
}

function readPlain(use: Use, context: ValueContext): Condition {
  const condition = plainCondition(use, context) ?? opaque([use.name, ...use.values].join(' '))
  return use.negated ? not(condition) : condition
}

function plainCondition({ name, values }: Use, { family }: ValueContext): Condition | undefined {
  const text = values[0] ?? ''
  switch (name) {
    case '-s':
    case '-d': {
      const addresses = readAddresses(text, family)
      return addresses === undefined ? undefined : { kind: name === '-s' ? 'source' : 'destination', addresses }
    }
    case '-i':
    case '-o':
      if (text === '') return undefined
      return {
        kind: 'device',
        of: name === '-i' ? 'inbound' : 'outbound',
        names: [text.endsWith('+') ? { name: text.slice(0, -1), prefix: true } : { name: text, prefix: false }],
      }
    case '-p': {
      if (text === 'all' || text === '0') return all()
      const number = protocolNumber(text)
      return number === undefined ? undefined : { kind: 'protocol', protocols: numberSet(number) }
    }
    case '-f':
      // Second and later fragments; the tracker and a plain packet have none.
      return { kind: 'circumstance', plain: false, text: show('-f') }
    case '-c':
      return all()
    default:
      return undefined
  }
}
