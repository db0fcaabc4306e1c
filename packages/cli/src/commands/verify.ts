import type { Policy } from '@sallyport/core/policy'
import { EXIT } from '../exit.ts'
import { Failure, mistakeText, showLines } from '../failure.ts'
import { checkBinding, checkNeighbours, isLocal } from '../verify/binding.ts'
import { Checks } from '../verify/checks.ts'
import { type Exchange, exchange, type Target } from '../verify/exchange.ts'
import { verifyData, verifyText } from '../verify/report.ts'
import type { Result } from '../verify/verdict.ts'
import { loadPolicy, type PolicyOptions } from './policy.ts'

export interface VerifyOptions extends PolicyOptions {
  readonly format: 'text' | 'json'
  readonly allowUnknown: boolean
  /** Where it speaks WebSocket; left out, the usual places are tried. */
  readonly websocket?: string
}

/** `sallyport verify URL` (P11): about forty requests, none of which changes anything. Exit 1 where a check fails, 3 where one is undecided. */
export async function verify(text: string, options: VerifyOptions): Promise<number> {
  const asked = targetOf(text)
  const first = await exchange(asked, {})
  if (first.kind === 'none')
    throw new Failure(`${asked.url.origin} gives no answer: ${first.why}`, 'start the server, and name the URL at which it answers')
  const { target, base } = (await atHealthPath(asked, first, options)) ?? { target: asked, base: first }
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

type Answer = Extract<Exchange, { readonly kind: 'answer' }>

/**
 * Where the root is refused, and no other path was named, the policy may know one that answers: `http: { health: … }` of the service on that
 * port. `undefined`: there is none, or it does not answer either.
 */
async function atHealthPath(
  target: Target,
  { status }: Answer,
  options: VerifyOptions,
): Promise<{ readonly target: Target; readonly base: Answer } | undefined> {
  const isNamed = options.policy !== undefined || options.environment !== undefined
  if ((status < 400 || target.path !== '/') && !isNamed) return undefined
  const policy = await policyHere(options, isNamed)
  if (policy === undefined || status < 400 || target.path !== '/') return undefined
  const paths = new Set(healthPaths(policy, target.port))
  const [path] = paths
  if (path === undefined || paths.size > 1) return undefined
  const url = new URL(path, target.url)
  const healthy: Target = { ...target, url, path: `${url.pathname}${url.search}` }
  const base = await exchange(healthy, {})
  if (base.kind === 'none' || base.status >= 400) return undefined
  process.stderr.write(showLines(`note: / is answered ${status}, so that ${path} is asked, where the policy says that all is well\n`))
  return { target: healthy, base }
}

/** One that was not named and has mistakes does not keep a server from being looked at. */
async function policyHere(options: VerifyOptions, isNamed: boolean): Promise<Policy | undefined> {
  try {
    return await loadPolicy(process.cwd(), options, (mistake) => process.stderr.write(`${mistakeText(mistake, 'warning: ').join('\n')}\n`))
  } catch (error) {
    if (isNamed || !(error instanceof Failure)) throw error
    process.stderr.write(showLines(`note: no health path is taken from the policy here, which cannot be read: ${error.message}\n`))
    return undefined
  }
}

/** Of the services on the port, and of those that a door on it leads to from its root. */
function healthPaths({ services }: Policy, port: number): readonly string[] {
  const own = [...services.values()].filter(({ ports }) => ports.some(({ first, last }) => first <= port && port <= last))
  const behind = own.flatMap(({ routes }) => routes.flatMap(({ path, service }) => (path === '/' ? (services.get(service) ?? []) : [])))
  return [...own, ...behind].flatMap(({ http }) => http?.health ?? [])
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
