/**
 * The cases of `test/corpus`: requests as they stand on the wire, and what has to become of them.
 *
 *     # a remark
 *     === name of the case
 *     source: the RFC clause, CVE, advisory, paper or program that it comes from
 *     options: {"encodedSlash":"refuse"}          further options of the guard; may be left out
 *     connect: 127.0.0.2 from 127.0.0.9 on ::     which address is called, from which, and where the server listens: at the first when left out; 127.0.0.1
 *     GET / HTTP/1.1
 *     Host: evil.example:{port}
 *
 *     ----
 *     403 host-not-allowed
 *
 * Each line of a request is sent with CRLF after it; one that ends in a backslash without. `\xNN` is a byte. `{port}`: the port of the server;
 * `{scheme}`: http or https, `{other-scheme}` the other; `{a*9000}`: nine thousand times `a`; `{pause}`: what follows is sent 30 ms later. Everything else is sent as it stands.
 *
 * In the folders of HTTP/2 a request is its header fields in their order, pseudo-headers first where it is a right one, then an empty line and the
 * body, then an empty line and the trailers; they are sent as literals that no library has seen (`http2.ts`).
 *
 * What has to become of it:
 *
 *     403 host-not-allowed     refused with that status and code, before any handler ran
 *     400 request-unreadable   the same, by Node's own parser
 *     reset                    the HTTP/2 library took the stream or the connection down, without an answer
 *     cut proxy-trailer        a handler ran, saw no trailer, and the connection was closed
 *     silent peer-not-loopback  closed without an answer
 *     aborted                  the body is broken, behind a head that is right: a handler may have begun, saw no end of it, and nothing behind it ran
 *     200 passed               a handler ran, and its answer came
 *     200 dropped              the same, and the HTTP/2 library had left out the header field that is wrong: no handler sees it
 *     204 preflight            answered in the place of the handler
 */

export interface Case {
  readonly name: string
  readonly source: string
  readonly options: Readonly<Record<string, unknown>>
  /** Where the server listens. */
  readonly listen: string
  /** The address that is called. */
  readonly to: string
  readonly from: string | undefined
  /** Line by line, escapes and placeholders still in. */
  readonly request: readonly string[]
  readonly expected: string
}

const EXPECTED = /^(?:\d{3} [a-z-]+|reset|aborted|(?:cut|silent) [a-z-]+)$/
const CONNECT = /^([0-9a-f.:]+)(?: from ([0-9a-f.:]+))?(?: on ([0-9a-f.:]+))?$/

/** Throws with the name of the case that is not as the format says: data files are ours. */
export function parseCases(text: string): readonly Case[] {
  const [, ...blocks] = `\n${text}`.split(/\n=== /)
  const cases = blocks.map(parseCase)
  const names = new Set<string>()
  for (const { name } of cases) {
    if (names.has(name)) throw new Error(`two cases have the name ${name}`)
    names.add(name)
  }
  return cases
}

function parseCase(block: string): Case {
  const [name = '', ...lines] = block.trimEnd().split('\n')
  const fail = (what: string) => new Error(`case ${name}: ${what}`)
  const directives = new Map<string, string>()
  while (true) {
    const [, key, value] = /^(source|options|connect): (.+)$/.exec(lines[0] ?? '') ?? []
    if (key === undefined || value === undefined || directives.has(key)) break
    directives.set(key, value)
    lines.shift()
  }
  const source = directives.get('source')
  if (source === undefined) throw fail('no source')
  const end = lines.lastIndexOf('----')
  const expected = lines.slice(end + 1).join('\n')
  if (end < 1 || !EXPECTED.test(expected)) throw fail(`expected what? ${expected}`)
  const request = lines.slice(0, end)
  if (/[^\n -~]/.test(request.join('\n'))) throw fail('bytes beside printable ASCII are written \\xNN')
  const [, to, from, listen = to] = CONNECT.exec(directives.get('connect') ?? '127.0.0.1') ?? []
  if (to === undefined || listen === undefined) throw fail('connected how?')
  return { name, source, options: JSON.parse(directives.get('options') ?? '{}') as Case['options'], listen, to, from, request, expected }
}

export interface Values {
  readonly port: number
  readonly scheme: 'http' | 'https'
}

/** A line with its placeholders filled in and its escapes undone: one character a byte. */
export function fill(line: string, { port, scheme }: Values): string {
  return line
    .replaceAll('{port}', String(port))
    .replaceAll('{scheme}', scheme)
    .replaceAll('{other-scheme}', scheme === 'http' ? 'https' : 'http')
    .replaceAll(/\{([^{}*]+)\*(\d{1,6})\}/g, (_, text: string, times: string) => text.repeat(Number(times)))
    .replaceAll(/\\x([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}

/** What is sent over HTTP/1: the parts with a pause between each. */
export function wireBytes(request: readonly string[], values: Values): readonly Buffer[] {
  const text = request.map((line) => (line.endsWith('\\') ? line.slice(0, -1) : `${line}\r\n`)).join('')
  return text.split('{pause}').map((part) => Buffer.from(fill(part, values), 'latin1'))
}
