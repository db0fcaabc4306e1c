import { ParameterReader } from './parameters.ts'
import type { ScriptBlock, Statement } from './syntax.ts'

/** Reads what is declared: functions (about_Functions), classes (about_Classes). */
export abstract class DeclarationReader extends ParameterReader {
  /** `function name (…) { … }`, behind its first word. */
  protected function(start: number): Statement | undefined {
    this.skipBlanks()
    const written = this.match(/[^\s(){};|&"'$]{1,200}/y)
    if (written === undefined) {
      this.problem('a function without a name', start, this.position)
      return undefined
    }
    this.position += written.length
    this.skipNewlines()
    const open = this.position
    let parameters: ScriptBlock['parameters']
    if (this.peek() === '(') {
      this.position++
      parameters = this.parameters(open)
      this.skipNewlines()
    }
    if (this.peek() !== '{') {
      this.problem('a function without a body', start, this.position)
      return undefined
    }
    const from = this.position++
    const block = this.scriptBlock(from)
    const name = written.replace(/^(?:script|global|local|private):/i, '').toLowerCase()
    return { kind: 'function', name, block: { ...block, parameters: block.parameters ?? parameters }, start, end: this.position }
  }

  /** `using …`, `enum X { … }`: nothing in them is started. */
  protected declaration(keyword: string, start: number): Statement {
    while (this.position < this.end && this.peek() !== '{' && !this.atNewline()) this.position++
    if (keyword === 'enum') {
      this.skipNewlines()
      if (this.peek() === '{') this.skipBalanced()
    }
    return { kind: 'pipeline', elements: [], start, end: this.position }
  }

  /** The methods of a class, as functions that others may call (about_Classes). */
  protected class(start: number): Statement {
    this.position += (this.match(/[^{]{0,400}/y) ?? '').length
    this.skipNewlines()
    const body: Statement[] = []
    const open = this.position
    if (this.peek() === '{') this.position++
    for (;;) {
      this.skipNewlines()
      if (this.position >= this.end || this.peek() === '}') break
      const member = this.position
      const name = this.match(/[A-Za-z_]\w{0,200}(?=\s{0,20}\()/y)
      if (name !== undefined) {
        this.position += name.length
        this.skipBlanks()
        const method = this.#method(name, member)
        if (method !== undefined) body.push(method)
      } else if (this.peek() === '=') {
        this.position++
        this.item()
      } else if (this.peek() === '[' || this.peek() === '{' || this.peek() === '(') this.skipBalanced()
      else this.position += (this.match(/\w+|\$\w+/y) ?? ' ').length
    }
    this.take('}', open)
    return { kind: 'loop', before: [], body, runs: true, start, end: this.position }
  }

  #method(name: string, start: number): Statement | undefined {
    const open = this.position++
    const parameters = this.parameters(open)
    this.skipNewlines()
    // A constructor may hand on to that of its base class.
    const base = this.match(/:\s{0,20}(?:base|this)\s{0,20}(?=\()/iy)
    if (base !== undefined) {
      this.position += base.length
      this.skipBalanced()
      this.skipNewlines()
    }
    if (this.peek() !== '{') return undefined
    const from = this.position++
    const block = this.scriptBlock(from)
    return { kind: 'function', name: `.${name.toLowerCase()}`, block: { ...block, parameters }, start, end: this.position }
  }
}
