import type { Draft } from '../../source-edit/draft.ts'
import { lineEnd, newlineOf } from '../../source-edit/layout.ts'
import type { Node } from '../../tree.ts'
import type { Module } from '../module.ts'

/** The quote that a file writes its strings with, for the most part. */
export function quoteOf({ file: { content } }: Module): "'" | '"' {
  return (content.match(/'/g)?.length ?? 0) > (content.match(/"/g)?.length ?? 0) ? "'" : '"'
}

/**
 * `os.getenv("HOST", "127.0.0.1")`, by the name that the file has for it; `import os` is added where it has none. `fallback` is written as it
 * is given. `undefined`: `os` is something else here.
 */
export function getenv(module: Module, at: Node, name: string, fallback: string, draft: Draft): string | undefined {
  const quote = quoteOf(module)
  const text = `(${quote}${name}${quote}, ${fallback})`
  const imports = ['os', 'getenv', 'environ'].flatMap((word) =>
    module
      .exported(word)
      .flatMap((definition) => (definition.kind === 'import' && isBefore(definition.node, at) ? [{ word, definition }] : [])),
  )
  for (const { word, definition } of imports) {
    if (word === 'os' && definition.module === 'os' && definition.name === undefined) return `os.getenv${text}`
    if (word === 'getenv' && definition.module === 'os') return `getenv${text}`
    if (word === 'environ' && definition.module === 'os') return `environ.get${text}`
  }
  if (module.definitions('os').some((definition) => definition.kind !== 'import' || definition.module !== 'os')) return undefined
  importOs(module, draft)
  return `os.getenv${text}`
}

/** Whether an import has run when `at` does. */
const isBefore = (statement: Node, at: Node): boolean => statement.start < at.start

/** Modules of the standard library that stand at the top of programs (docs.python.org/3/library): third-party ones follow behind a blank line. */
const STANDARD: ReadonlySet<string> = new Set(
  (
    'abc argparse array ast asyncio base64 binascii bisect calendar cgi collections concurrent configparser contextlib copy csv ctypes ' +
    'dataclasses datetime decimal difflib email enum errno fnmatch functools gc getpass glob gzip hashlib heapq hmac html http importlib inspect io ' +
    'ipaddress itertools json logging math mimetypes multiprocessing operator pathlib pickle platform pprint queue random re sched secrets select ' +
    'selectors shlex shutil signal smtplib socket socketserver sqlite3 ssl statistics string struct subprocess sys sysconfig syslog tempfile ' +
    'textwrap threading time timeit traceback types typing unicodedata unittest urllib uuid warnings weakref wsgiref xml xmlrpc zipfile zlib zoneinfo'
  ).split(' '),
)

/** Puts `import os` where people look for it: in the order of the imports that stand at the top. */
function importOs(module: Module, draft: Draft): void {
  const { root } = module
  const { content } = module.file
  const newline = newlineOf(content)
  const statements = root.named.filter(({ kind }) => kind !== 'comment')
  const isImport = ({ kind }: Node): boolean => kind === 'import_statement' || kind === 'import_from_statement'
  const first = statements.findIndex(isImport)
  if (first < 0) {
    const top = statements.findLast((node, index) => node.kind === 'future_import_statement' || (index === 0 && isDocumentation(node)))
    if (top !== undefined) return draft.insert(root, lineEnd(content, top.end), `${newline}${newline}import os`)
    const start = statements[0]?.start ?? 0
    return draft.insert(root, start, `import os${newline}${newline}`)
  }
  const run: Node[] = []
  for (const statement of statements.slice(first)) {
    if (!isImport(statement) || !STANDARD.has(moduleName(statement)) || isApart(content, run.at(-1), statement)) break
    run.push(statement)
  }
  const [head] = run
  const beginning = statements[first]
  if (beginning === undefined) return
  if (head === undefined) {
    // What other people wrote stands apart from the standard library (PEP 8, Imports).
    return draft.insert(root, beginning.start, `import os${newline}${newline}`)
  }
  const plain = run.filter(({ kind }) => kind === 'import_statement')
  const behind = plain.find((statement) => moduleName(statement) > 'os') ?? run.find(({ kind }) => kind === 'import_from_statement')
  const isMixed = run.some((statement, index) => statement.kind === 'import_from_statement' && run[index + 1]?.kind === 'import_statement')
  if (isMixed) return draft.insert(root, head.start, `import os${newline}`)
  if (behind !== undefined) return draft.insert(root, behind.start, `import os${newline}`)
  draft.insert(root, lineEnd(content, run.at(-1)?.end ?? head.end), `${newline}import os`)
}

/** Whether a blank line stands between two statements. */
const isApart = (content: string, before: Node | undefined, statement: Node): boolean =>
  before !== undefined && /\n[ \t\r]*\n/.test(content.slice(before.end, statement.start))

const isDocumentation = (node: Node): boolean => node.kind === 'expression_statement' && node.named[0]?.kind === 'string'

/** `http` of `import http.server`, of `from http.server import …`. */
function moduleName(statement: Node): string {
  const name = statement.kind === 'import_from_statement' ? statement.field('module_name') : statement.named[0]
  return /^\w*/.exec(name?.content ?? '')?.[0] ?? ''
}
