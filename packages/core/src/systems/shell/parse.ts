import { CommandReader } from './commands.ts'
import { plainText, type Node, type Script, type WordSyntax } from './syntax.ts'
import { NESTING } from './words.ts'

/** Commands read of one script; the rest of a longer one is reported and left out. */
const COMMAND_LIMIT = 20_000

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
/** Words that end a list when they stand where a command could (XCU §2.4). */
const CLOSERS = new Set(['then', 'elif', 'else', 'fi', 'do', 'done', 'esac', '}'])

/**
 * Reads a script as the shell would, without expanding or running anything. Never throws; takes time linear in the text.
 * What cannot be read is reported and reading goes on behind it.
 */
export function parseShell(content: string): Script {
  const parser = new Parser(content, 0, content.length, 0, [])
  const body = parser.all()
  return { body, problems: parser.problems }
}

/** What stands in a here-document whose delimiter is not quoted. */
export function parseDocument(content: string, start: number, end: number): WordSyntax {
  return new Parser(content, start, end, 0, []).document()
}

class Parser extends CommandReader {
  #commands = 0

  document(): WordSyntax {
    return this.expanded()
  }

  all(): Node {
    return this.commandsUntil(undefined)
  }

  protected override inside(start: number, end: number): Parser {
    return new Parser(this.content, start, end, this.depth + 1, this.problems)
  }

  /** Reads commands, and whatever stands between them and `closer` that is none. */
  protected override commandsUntil(closer: ')' | undefined): Node {
    const start = this.position
    const items: { node: Node; background: boolean }[] = []
    for (;;) {
      this.#list(items)
      if (this.position >= this.end) {
        if (closer !== undefined) this.problem('a parenthesis is not closed', start, Math.min(start + 1, this.end))
        break
      }
      if (closer !== undefined && this.peek() === closer) {
        this.position++
        break
      }
      this.skipMisplaced()
    }
    return { kind: 'sequence', items, start, end: this.position }
  }

  /** Commands up to the end, a closing word or a character that no command starts with. */
  #list(items: { node: Node; background: boolean }[]): void {
    for (;;) {
      this.skipSeparators()
      const node = this.#chain()
      if (node === undefined) return
      this.skipBlanks()
      const background = this.peek() === '&'
      items.push({ node, background })
      if (background || (this.peek() === ';' && this.peek(1) !== ';')) this.position++
      else if (this.peek() !== '\n') return
    }
  }

  #body(): Node {
    const start = this.position
    const items: { node: Node; background: boolean }[] = []
    this.#list(items)
    return { kind: 'sequence', items, start, end: this.position }
  }

  #chain(): Node | undefined {
    let left = this.#pipeline()
    if (left === undefined) return undefined
    for (;;) {
      this.skipBlanks()
      const operator = this.startsWith('&&') ? '&&' : this.startsWith('||') ? '||' : undefined
      if (operator === undefined) return left
      const at = this.position
      this.position += 2
      this.skipNewlines()
      const right = this.#pipeline()
      if (right === undefined) {
        this.problem(`nothing follows \`${operator}\``, at, at + 2)
        return left
      }
      left = { kind: 'chain', operator, left, right, start: left.start, end: right.end }
    }
  }

  #pipeline(): Node | undefined {
    const first = this.#command()
    if (first === undefined) return undefined
    const nodes = [first]
    for (;;) {
      this.skipBlanks()
      if (this.peek() !== '|' || this.peek(1) === '|') break
      const at = this.position
      this.position += this.peek(1) === '&' ? 2 : 1
      this.skipNewlines()
      const next = this.#command()
      if (next === undefined) {
        this.problem('nothing follows `|`', at, at + 1)
        break
      }
      nodes.push(next)
    }
    return nodes.length === 1 ? first : { kind: 'pipeline', nodes, start: first.start, end: nodes.at(-1)?.end ?? first.end }
  }

  #command(): Node | undefined {
    this.skipBlanks()
    const start = this.position
    if (++this.#commands > COMMAND_LIMIT) {
      if (this.position < this.end) this.problem(`more than ${COMMAND_LIMIT} commands`, start, start + 1)
      this.position = this.end
      return undefined
    }
    if (this.startsWith('((')) return this.test('))')
    if (this.peek() === '(') {
      if (this.depth >= NESTING) {
        this.tooDeep(start)
        return undefined
      }
      this.depth++
      this.position++
      const body = this.commandsUntil(')')
      this.depth--
      const outputs = this.redirections()?.outputs
      return { kind: 'group', subshell: true, body, outputs, start, end: this.position }
    }
    const keyword = this.#keyword()
    if (keyword === undefined) return this.simple()
    if (CLOSERS.has(keyword)) return undefined
    const read = KEYWORDS.get(keyword)
    if (read === undefined) return this.simple()
    if (this.depth >= NESTING) {
      this.tooDeep(start)
      return undefined
    }
    this.depth++
    this.position += keyword.length
    const node = this.#compound(read, start)
    this.depth--
    const { input, outputs } = this.redirections() ?? {}
    if (node?.kind === 'group') return { ...node, outputs }
    return node?.kind === 'loop' && input !== undefined ? { ...node, input } : node
  }

  /** The unquoted word at the position when it could be a reserved one; it is not taken. */
  #keyword(): string | undefined {
    const text = /^(?:[a-z]{2,8}|\[\[|[{}!])(?=[\s;&|()<>]|$)/.exec(
      this.content.slice(this.position, Math.min(this.position + 10, this.end)),
    )?.[0]
    return text
  }

  #compound(read: Compound, start: number): Node | undefined {
    switch (read) {
      case 'if':
        return this.#if(start)
      case 'loop':
        return this.#loop(start)
      case 'for':
        return this.#for(start)
      case 'case':
        return this.#case(start)
      case 'function':
        return this.#functionKeyword(start)
      case 'group': {
        const body = this.#body()
        this.#take('}', start)
        return { kind: 'group', subshell: false, body, start, end: this.position }
      }
      case 'test':
        this.position = start
        return this.test(']]')
      case 'prefix':
        return this.#command()
      default:
        return read satisfies never
    }
  }

  /** Takes a closing word, or reports that what began at `start` is not closed. */
  #take(word: string, start: number): boolean {
    this.skipBlanks()
    if (this.#keyword() === word) {
      this.position += word.length
      return true
    }
    this.problem(`\`${word}\` is missing`, start, Math.min(start + 1, this.end))
    return false
  }

  #if(start: number): Node {
    const arms: { condition: Node; body: Node }[] = []
    let otherwise: Node | undefined
    for (;;) {
      const condition = this.#body()
      if (!this.#take('then', start)) break
      arms.push({ condition, body: this.#body() })
      this.skipBlanks()
      const next = this.#keyword()
      if (next === 'elif') {
        this.position += 4
        continue
      }
      if (next === 'else') {
        this.position += 4
        otherwise = this.#body()
      }
      this.#take('fi', start)
      break
    }
    return { kind: 'if', arms, ...(otherwise === undefined ? {} : { otherwise }), start, end: this.position }
  }

  #loop(start: number): Node {
    const condition = this.#body()
    const body = this.#doGroup(start)
    return { kind: 'loop', condition, body, start, end: this.position }
  }

  #doGroup(start: number): Node {
    this.skipSeparators()
    const closer = this.#keyword() === '{' ? '}' : 'done'
    if (closer === '}') this.position++
    else if (!this.#take('do', start)) return { kind: 'sequence', items: [], start: this.position, end: this.position }
    const body = this.#body()
    this.#take(closer, start)
    return body
  }

  #for(start: number): Node {
    this.skipBlanks()
    if (this.startsWith('((')) {
      const condition = this.test('))')
      return { kind: 'loop', condition, body: this.#doGroup(start), start, end: this.position }
    }
    const name = plainText(this.word()) ?? ''
    if (!NAME.test(name)) this.problem('`for` needs a name', start, start + 3)
    this.skipNewlines()
    let words: WordSyntax[] | undefined
    if (this.#keyword() === 'in') {
      this.position += 2
      words = []
      for (;;) {
        this.skipBlanks()
        const word = this.word()
        if (word === undefined) break
        words.push(word)
      }
    }
    const body = this.#doGroup(start)
    return { kind: 'for', name, words, body, start, end: this.position }
  }

  #case(start: number): Node {
    this.skipBlanks()
    this.word()
    this.skipNewlines()
    const arms: { body: Node }[] = []
    if (this.#take('in', start)) {
      for (;;) {
        this.skipSeparators()
        if (this.position >= this.end || this.#keyword() === 'esac') break
        if (!this.#patterns()) {
          this.skipMisplaced()
          continue
        }
        arms.push({ body: this.#body() })
        this.skipBlanks()
        const terminator = /^;;&|^;;|^;&/.exec(this.content.slice(this.position, Math.min(this.position + 3, this.end)))?.[0]
        if (terminator !== undefined) this.position += terminator.length
        else if (this.#keyword() !== 'esac' && this.position < this.end) this.skipMisplaced()
      }
      this.#take('esac', start)
    }
    return { kind: 'case', arms, start, end: this.position }
  }

  /** `[(] pattern [| pattern]… )`. */
  #patterns(): boolean {
    if (this.peek() === '(') this.position++
    for (;;) {
      this.skipBlanks()
      if (this.word() === undefined) return false
      this.skipBlanks()
      const next = this.peek()
      if (next === ')') {
        this.position++
        return true
      }
      if (next !== '|') return false
      this.position++
    }
  }

  #functionKeyword(start: number): Node | undefined {
    this.skipBlanks()
    const name = plainText(this.word()) ?? ''
    this.skipBlanks()
    if (this.peek() === '(') this.emptyParentheses()
    return this.functionBody(name, start)
  }

  protected override functionBody(name: string, start: number): Node | undefined {
    this.skipNewlines()
    if (this.depth >= NESTING) {
      this.tooDeep(start)
      return undefined
    }
    this.depth++
    const body = this.#command()
    this.depth--
    if (body === undefined) {
      this.problem('a function without a body', start, this.position)
      return undefined
    }
    return { kind: 'function', name, body, start, end: this.position }
  }
}

type Compound = 'if' | 'loop' | 'for' | 'case' | 'function' | 'group' | 'test' | 'prefix'

const KEYWORDS: ReadonlyMap<string, Compound> = new Map(
  Object.entries({
    if: 'if',
    while: 'loop',
    until: 'loop',
    for: 'for',
    select: 'for',
    case: 'case',
    function: 'function',
    '{': 'group',
    '[[': 'test',
    '!': 'prefix',
    time: 'prefix',
  } satisfies Record<string, Compound>),
)
