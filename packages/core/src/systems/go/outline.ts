/** What a file declares, told without a parser: names of the package, and names of methods. */
export interface Outline {
  readonly names: ReadonlySet<string>
  readonly methods: ReadonlySet<string>
}

const OPEN = /[([{]/
const CLOSE = /[)\]}]/
const WORD = /[\p{L}_][\p{L}\p{Nd}_]*/uy

/**
 * The declarations of a file by its words outside of all brackets, so that only files with a name need to be parsed for it. Texts and
 * comments are passed over (specification, Lexical elements). Linear in the text; too generous where the file has mistakes.
 */
export function outlineOf(content: string): Outline {
  const names = new Set<string>()
  const methods = new Set<string>()
  let depth = 0
  /** The first word of the declaration. */
  let keyword = ''
  let group = false
  let isReceiver = false
  for (let at = 0; at < content.length; ) {
    const character = content[at] ?? ''
    if (character === '/' && content[at + 1] === '/') at = endOf(content, '\n', at)
    else if (character === '/' && content[at + 1] === '*') at = endOf(content, '*/', at + 2) + 2
    else if (character === '`') at = endOf(content, '`', at + 1) + 1
    else if (character === '"' || character === "'") at = endOfText(content, at)
    else if (character === '\n' || character === ';') {
      if (depth === 0) keyword = ''
      at++
    } else if (OPEN.test(character)) {
      if (depth === 0 && character === '(' && /^(?:type|var|const)$/.test(keyword)) group = true
      if (depth === 0 && keyword === 'func' && character === '(') isReceiver = true
      depth++
      at++
    } else if (CLOSE.test(character)) {
      depth = Math.max(0, depth - 1)
      if (depth === 0) group = false
      at++
    } else {
      WORD.lastIndex = at
      const word = WORD.exec(content)?.[0]
      at += word?.length ?? 1
      if (word === undefined) continue
      if (depth === 0 && keyword === '') {
        keyword = word
        isReceiver = false
      } else if (depth === 0) {
        const found = keyword === 'func' && isReceiver ? methods : names
        found.add(word)
        if (keyword === 'func') keyword = 'done'
      } else if (group && depth === 1) names.add(word)
    }
  }
  return { names, methods }
}

function endOf(content: string, mark: string, from: number): number {
  const at = content.indexOf(mark, from)
  return at < 0 ? content.length : at
}

/** Behind a text in quotes, which ends with its line. */
function endOfText(content: string, from: number): number {
  const quote = content[from]
  for (let at = from + 1; at < content.length; at++) {
    const character = content[at]
    if (character === '\\') at++
    else if (character === quote) return at + 1
    else if (character === '\n') return at
  }
  return content.length
}
