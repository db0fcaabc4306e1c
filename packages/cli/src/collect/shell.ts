import { type ChildProcess, spawn } from 'node:child_process'
import { ended, ENVIRONMENT, killGroup, MAX_BYTES, notStarted, type Ran, TIMEOUT_MS } from './run.ts'

interface Question {
  readonly words: readonly string[]
  readonly input: string | undefined
  answer(ran: Ran): void
}

/**
 * Runs programs in one network namespace. What is asked for at once is run by one shell, one after another: to start a process
 * costs Node more than what most of them do, and to enter a namespace takes another.
 */
export class Shell {
  readonly #namespace: string | undefined
  #asked: Question[] = []

  /** `namespace`: a file that stands for it (nsenter(1)); `undefined`: the one that this process is in. */
  constructor(namespace?: string) {
    this.#namespace = namespace
  }

  /** As `run`: its own words, a fixed environment, bounds on time and output; nothing throws. */
  run(command: string, args: readonly string[], input?: string): Promise<Ran> {
    return new Promise((answer) => {
      this.#asked.push({ words: [command, ...args], input, answer })
      if (this.#asked.length === 1) queueMicrotask(() => TURNS.take((over) => this.#start(over)))
    })
  }

  #start(over: () => void): void {
    const asked = this.#asked
    this.#asked = []
    const script = asked.map(line).join('\n')
    const enter = this.#namespace === undefined ? [] : ['nsenter', `--net=${this.#namespace}`, '--']
    const [program = 'sh', ...rest] = [...enter, 'sh', '-c', script]
    // A process group of its own, so that what it has started can be ended with it. Never in the folder under inspection.
    const child = spawn(program, rest, { cwd: '/', env: ENVIRONMENT, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    new Answers(child, asked, over).listen()
  }
}

/** A machine may have hundreds of namespaces: so many shells at a time, each with all of its time. */
const MOST_AT_ONCE = 16

class Turns {
  #running = 0
  readonly #waiting: (() => void)[] = []

  /** Calls `start` as soon as there is room; it says when it is over. */
  take(start: (over: () => void) => void): void {
    const begin = (): void => {
      this.#running++
      start(() => {
        this.#running--
        this.#waiting.shift()?.()
      })
    }
    if (this.#running < MOST_AT_ONCE) begin()
    else this.#waiting.push(begin)
  }
}

const TURNS = new Turns()

/** Ends what a program wrote: texts hold no NUL, neither names of interfaces nor comments of rules can. */
const END = '\0'

function line({ words, input }: Question): string {
  const command = words.map(quoted).join(' ')
  return `${input === undefined ? '' : `printf %s ${quoted(input)} | `}${command}; printf '\\0%d\\0' $?; printf '\\0' >&2`
}

/** sh(1), single quotes: nothing in them means anything but another quote. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}

/** What the programs of one shell write, told apart. */
class Answers {
  readonly #child: ChildProcess
  readonly #asked: Question[]
  readonly #timer: NodeJS.Timeout
  #over: (() => void) | undefined
  /** What each one wrote and how it ended, in turn; the last text of either list is not ended. */
  readonly #output: Texts = new Texts()
  readonly #errors: Texts = new Texts()

  constructor(child: ChildProcess, asked: readonly Question[], over: () => void) {
    this.#over = over
    this.#child = child
    this.#asked = [...asked]
    this.#timer = setTimeout(() => this.#stop({ kind: 'timeout' }), TIMEOUT_MS)
  }

  listen(): void {
    const { stdout, stderr } = this.#child
    stdout?.on('data', (chunk: Buffer) => this.#take(this.#output, chunk))
    stderr?.on('data', (chunk: Buffer) => this.#take(this.#errors, chunk))
    this.#child.on('error', (error) => this.#end(notStarted(error)))
    // Where the namespace cannot be entered, no program is started: that is the answer to all.
    this.#child.on('close', (code) => this.#end(ended(code, '', this.#errors.rest())))
  }

  #take(texts: Texts, chunk: Buffer): void {
    texts.add(chunk)
    if (texts.bytes > MAX_BYTES) {
      this.#stop({ kind: 'too-large' })
      return
    }
    while (this.#asked.length > 0 && this.#output.ended > 1 && this.#errors.ended > 0) {
      const [stdout, code, stderr] = [this.#output.next(), this.#output.next(), this.#errors.next()]
      if (!/^\d{1,3}$/.test(code)) {
        this.#stop({ kind: 'failed', code: undefined, stdout: '', stderr: 'an answer with a NUL in it' })
        return
      }
      this.#asked.shift()?.answer(ended(Number(code), stdout, stderr))
    }
  }

  /** Its pipes may be held open by what it has started, so that `close` would never come. */
  #stop(why: Ran): void {
    killGroup(this.#child)
    this.#child.stdout?.destroy()
    this.#child.stderr?.destroy()
    this.#child.unref()
    this.#end(why)
  }

  #end(why: Ran): void {
    clearTimeout(this.#timer)
    for (const { answer } of this.#asked.splice(0)) answer(why)
    this.#over?.()
    this.#over = undefined
  }
}

/** Texts in one stream, each ended by `END`. */
class Texts {
  readonly #ended: string[] = []
  #open: Buffer[] = []
  bytes = 0

  get ended(): number {
    return this.#ended.length
  }

  add(chunk: Buffer): void {
    this.bytes += chunk.length
    let start = 0
    for (let end = chunk.indexOf(END); end >= 0; end = chunk.indexOf(END, start)) {
      this.#open.push(chunk.subarray(start, end))
      this.#ended.push(this.rest())
      this.#open = []
      start = end + 1
    }
    if (start < chunk.length) this.#open.push(chunk.subarray(start))
  }

  next(): string {
    return this.#ended.shift() ?? ''
  }

  rest(): string {
    return Buffer.concat(this.#open).toString('utf8')
  }
}
