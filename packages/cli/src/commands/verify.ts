import { EXIT } from '../exit.ts'
import { Failure } from '../failure.ts'
import { checkBinding, checkNeighbours, isLocal } from '../verify/binding.ts'
import { Checks } from '../verify/checks.ts'
import { exchange, type Target } from '../verify/exchange.ts'
import { verifyData, verifyText } from '../verify/report.ts'
import type { Result } from '../verify/verdict.ts'

export interface VerifyOptions {
  readonly format: 'text' | 'json'
  readonly allowUnknown: boolean
  /** Where it speaks WebSocket; left out, the usual places are tried. */
  readonly websocket?: string
}

/** `sallyport verify URL` (P11): about forty requests, none of which changes anything. Exit 1 where a check fails, 3 where one is undecided. */
export async function verify(text: string, options: VerifyOptions): Promise<number> {
  const target = targetOf(text)
  const base = await exchange(target, {})
  if (base.kind === 'none')
    throw new Failure(`${target.url.origin} gives no answer: ${base.why}`, 'start the server, and name the URL at which it answers')
  const local = await isLocal(target)
  const checks = new Checks(target, base)
  const results: Result[] = local ? [checkBinding(target), await checkNeighbours(target)] : [skipped('binding'), skipped('neighbours')]
  results.push(await checks.fairly(() => checks.host(local)))
  results.push(local ? await checks.fairly(() => checks.proxyHeaders()) : skipped('proxy-headers', 'a proxy in front of it sets them'))
  results.push(await checks.fairly(() => checks.origin()), await checks.fairly(() => checks.preflight()))
  results.push(await checks.fairly(() => checks.webSocket(webSocketPaths(target, options))), await checks.headers(local))
  results.push(await checks.fairly(() => checks.http2(local)), await checks.fairly(() => checks.paths()))
  process.stdout.write(
    options.format === 'json' ? `${JSON.stringify(verifyData(target.url.href, results), null, 2)}\n` : verifyText(target.url.href, results),
  )
  if (results.some(({ verdict }) => verdict === 'fail')) return EXIT.findings
  return results.some(({ verdict }) => verdict === 'unknown') && !options.allowUnknown ? EXIT.undecided : EXIT.clean
}

function skipped(id: Result['id'], why = 'it is on another machine: run this there, too'): Result {
  return { id, verdict: 'skipped', seen: [why] }
}

function webSocketPaths({ path }: Target, { websocket }: VerifyOptions): readonly string[] {
  if (websocket !== undefined) {
    if (!/^\/[\x21-\x7e]*$/.test(websocket)) throw new Failure(`${websocket} is no path`, 'begin it with a slash')
    return [websocket]
  }
  return [...new Set([path, '/ws', '/socket.io/?EIO=4&transport=websocket'])]
}

function targetOf(text: string): Target {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new Failure(`${text} is no URL of http or https`, 'write it whole: http://localhost:8000/')
  if (url.username !== '' || url.password !== '') throw new Failure('a user in the URL is not sent', 'leave it out')
  const encrypted = url.protocol === 'https:'
  return {
    url,
    encrypted,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (encrypted ? 443 : 80) : Number(url.port),
    authority: url.host,
    path: `${url.pathname}${url.search}`,
  }
}
