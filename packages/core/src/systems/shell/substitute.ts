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
/** A pattern that only blank characters match. */
const BLANKS = /^\^?(?:(?:\\[rst]|\\x0[dD]|\[\[:(?:blank|space):\]\]|\r| )\\?[*+]?)+\$?$/

/** What `s/PATTERN/REPLACEMENT/` does to the lines of a file. */
export interface LineEdit {
  /** One of these is in every line that is changed: the longest text that each pattern has in it as it stands. */
  readonly texts: readonly string[]
  /** What is put in may say where is listened, whatever the line said. */
  readonly putsIn: boolean
}

/** What these scripts change (sed(1), perlre); `undefined`: it may be any line. */
export function lineEditOf(scripts: readonly Value[]): LineEdit | undefined {
  const edits = scripts.map((script) => {
    const content = written(script)
    return content.length > LONGEST ? undefined : editOf(content)
  })
  const texts = edits.flatMap((edit) => edit?.texts ?? [])
  if (edits.length === 0 || edits.includes(undefined) || texts.length > TEXTS) return undefined
  return { texts, putsIn: edits.some((edit) => edit?.putsIn === true) }
}

function editOf(script: string): LineEdit | undefined {
  const texts: string[] = []
  let putsIn = false
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
    const pattern = script.slice(at + 2, middle)
    const replacement = script.slice(middle + 1, end)
    at = end + 1 + flags.length
    // Ends of lines and what stands before them say nothing.
    if (replacement === '' && BLANKS.test(pattern)) continue
    const text = literalIn(pattern)
    if (text === undefined || /[iIewx]/.test(flags)) return undefined
    texts.push(text)
    putsIn ||= PUTS_IN.test(replacement)
  }
  return { texts, putsIn }
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
