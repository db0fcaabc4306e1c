import type { Value } from '../../evidence/index.ts'

/** The longest script that is looked at, in UTF-16 code units. */
const LONGEST = 4096
/** A text of fewer characters stands in too many lines to tell anything. */
const SHORTEST = 3
/** Texts that the lines of a file are looked through for. */
const TEXTS = 16
/** Stands for a part that is not known. */
const OPEN = '\u0000'
/** What is put into a line may listen, or say where, whatever the line was. */
const PUTS_IN = /host|listen|bind|addr|serve|env|0\.0\.0\.0|::|\u0000.*[/|,]/i

/**
 * Texts one of which is in every line that `s/PATTERN/REPLACEMENT/` of these scripts change (sed(1), perlre): the longest text that each
 * pattern has in it as it stands. `undefined`: they may change any line.
 */
export function textsChanged(scripts: readonly Value[]): readonly string[] | undefined {
  const found: string[] = []
  for (const script of scripts) {
    const content = written(script)
    const texts = content.length > LONGEST ? undefined : textsOf(content)
    if (texts === undefined) return undefined
    found.push(...texts)
  }
  return found.length === 0 || found.length > TEXTS ? undefined : found
}

function textsOf(script: string): readonly string[] | undefined {
  const found: string[] = []
  for (let at = 0; at < script.length; ) {
    if (/[\s;]/.test(script[at] ?? '')) {
      at++
      continue
    }
    const delimiter = script[at + 1] ?? ''
    if (script[at] !== 's' || !/[^\w\s\\]/.test(delimiter)) return undefined
    const middle = endOf(script, at + 2, delimiter)
    const end = middle === undefined ? undefined : endOf(script, middle + 1, delimiter)
    if (middle === undefined || end === undefined) return undefined
    const flags = /^[a-zA-Z0-9]*/.exec(script.slice(end + 1))?.[0] ?? ''
    const text = literalIn(script.slice(at + 2, middle))
    if (text === undefined || /[iIewx]/.test(flags) || PUTS_IN.test(script.slice(middle + 1, end))) return undefined
    found.push(text)
    at = end + 1 + flags.length
  }
  return found
}

function endOf(script: string, from: number, delimiter: string): number | undefined {
  for (let at = from; at < script.length; at++) {
    if (script[at] === '\\') at++
    else if (script[at] === delimiter) return at
  }
  return undefined
}

/** The longest text that whatever matches has in it, whichever kind of expression it is. */
function literalIn(pattern: string): string | undefined {
  // One of several, and what may be left out as a whole, has no text for certain.
  if (/\||\)\\?[*?{]/.test(pattern)) return undefined
  let longest = ''
  let run = ''
  const close = (text: string): void => {
    if (text.length > longest.length) longest = text
    run = ''
  }
  for (let at = 0; at < pattern.length; at++) {
    const isEscaped = pattern[at] === '\\'
    const one = isEscaped ? (pattern[++at] ?? '') : (pattern[at] ?? '')
    // Of what stands before these, the last character may be left out or repeated.
    if (/[*?+{]/.test(one)) {
      close(run.slice(0, -1))
      if (one === '{') while (at < pattern.length && pattern[at] !== '}') at++
    } else if (!isEscaped && one === '[') {
      close(run)
      at++
      if (pattern[at] === '^') at++
      at++
      while (at < pattern.length && pattern[at] !== ']') at++
    } else if (isEscaped ? /\w/.test(one) || /[()<>|}]/.test(one) : /[.^$()}]/.test(one) || one === OPEN) close(run)
    else run += one
  }
  close(run)
  return longest.length < SHORTEST ? undefined : longest
}

function written(value: Value): string {
  if (value.kind === 'joined') return value.parts.map(written).join('')
  return value.kind === 'known' ? String(value.value) : value.kind === 'absent' ? '' : OPEN
}
