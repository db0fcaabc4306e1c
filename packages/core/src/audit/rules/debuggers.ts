import type { Process } from '../../evidence/index.ts'

/** How a debugger is asked for, by the words of a command line or of a variable. */
interface Debugger {
  readonly title: string
  /** The word that asks for it, alone or with a value after `=`; its first group is that value. */
  readonly word: RegExp
  /** The value is the next word. */
  readonly separate?: boolean
  /** Where it listens unless it is told. */
  readonly port?: number
  /** Another word has to be there as well. */
  readonly beside?: RegExp
}

/** A host and a port, in any of the ways that these write them: `9229`, `0.0.0.0:9229`, `*:5005`, `[::]:9229`, `:2345`. */
const PORT = /(?:^|[:=,])(\d{1,5})(?:\/|$)/

const DEBUGGERS: readonly Debugger[] = [
  // https://nodejs.org/api/cli.html#--inspecthostport; --inspect-port alone says where SIGUSR1 starts it.
  { title: 'the Node inspector', word: /^--inspect(?:-brk|-wait)?(?:=(.*))?$/, port: 9229 },
  { title: 'the Node inspector', word: /^--(?:inspect|debug)-port=(.*)$/ },
  // https://github.com/microsoft/debugpy: it listens by a process of its own, the adapter.
  { title: 'debugpy', word: /^--listen$/, separate: true, beside: /^debugpy$|\/debugpy(?:\/__main__\.py)?$/ },
  { title: 'debugpy', word: /^--port$/, separate: true, beside: /\/debugpy\/adapter(?:\/__main__\.py)?$/ },
  // https://github.com/go-delve/delve/blob/master/Documentation/usage/dlv.md
  { title: 'Delve', word: /^(?:--listen|-l)(?:=(.*))?$/, separate: true, beside: /(?:^|\/)dlv$/ },
  // gdbserver(1), https://lldb.llvm.org/man/lldb-server.html
  { title: 'gdbserver', word: /^([^/]*:\d{1,5})$/, beside: /(?:^|\/)(?:gdbserver|lldb-server)$/ },
  // https://docs.oracle.com/en/java/javase/21/docs/specs/jpda/conninv.html
  { title: 'the Java debugger', word: /^-(?:agentlib:jdwp=|Xrunjdwp:)(?=.*\bserver=y\b).*?\baddress=([^,]*)/ },
  // https://chromedevtools.github.io/devtools-protocol/
  { title: 'the Chrome debugger', word: /^--remote-debugging-port=(.*)$/ },
  // https://github.com/ruby/debug
  { title: 'the Ruby debugger', word: /^--port(?:=(.*))?$/, separate: true, beside: /(?:^|\/)(?:rdbg|rdebug-ide)$/ },
]

/** Variables whose words count like those of the command line. */
const VARIABLES: readonly string[] = ['NODE_OPTIONS', 'JAVA_TOOL_OPTIONS', 'JDK_JAVA_OPTIONS']

/** The debugger that a process was told to open on this port, by its title; `undefined`: it was told nothing of the kind. */
export function debuggerOn(process: Process, port: number): string | undefined {
  const lines = [process.command, ...VARIABLES.map((name) => process.environment.get(name)?.split(/\s+/) ?? [])]
  return DEBUGGERS.find((row) => lines.some((words) => opens(row, words, port)))?.title
}

function opens({ word, separate, port: usual, beside }: Debugger, words: readonly string[], port: number): boolean {
  if (beside !== undefined && !words.some((each) => beside.test(each))) return false
  return words.some((each, index) => {
    const match = word.exec(each)
    if (match === null) return false
    const value = match[1] ?? (separate === true ? words[index + 1] : undefined) ?? ''
    const told = PORT.exec(value)?.[1]
    return (told === undefined ? usual : Number(told)) === port
  })
}
