import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evidenceOf, type ProxyListener, type ProxyServer, socketKey } from '@sallyport/core/evidence'
import { parseAddress } from '@sallyport/core/network'
import {
  decideRequest,
  type Outcome,
  type ProxyRequest,
  proxyRoutes,
  type RegexMatcher,
  type RequestRoute,
  selectListener,
  targetEndpoints,
} from '../packages/core/src/reach/requests/index.ts'
import { snapshotOf } from '../packages/core/src/systems/nginx/dump.ts'
import { readNginx } from '../packages/core/src/systems/nginx/read.ts'
import type { Reading } from '../packages/core/src/systems/system.ts'
import { type Case, CASES, REFUSED } from './nginx/cases/index.ts'
import { randomCases } from './nginx/random.ts'
import { mainFile, type Probe, type RealResult, runReal, whyNot } from './nginx/real.ts'

const reason = whyNot()
if (reason !== undefined && process.env['SALLYPORT_NO_SKIP'] === '1') throw new Error(`nginx has to be tried, and cannot: ${reason}`)
if (reason !== undefined) console.warn(`skipped, nothing is compared with nginx: ${reason}`)

const CONTEXT = { host: 'host', standing: 'configured', capturedAt: 0 } as const
const SEED = Number(process.env['SALLYPORT_SEED'] ?? 1)
const RANDOM = Number(process.env['SALLYPORT_NGINX_RANDOM'] ?? 60)
const CREDENTIALS = Buffer.from('u:p').toString('base64')

interface Asked extends Probe {
  readonly asked: ProxyRequest
}

describe.skipIf(reason !== undefined)('the model and a real nginx', () => {
  const cases = [...CASES, ...randomCases(SEED, RANDOM)]
  const probes = cases.map(probesOf)
  let results: readonly RealResult[] = []
  const counts = { compared: 0, undecided: 0 }

  beforeAll(() => {
    results = runReal(cases.map((each, index) => ({ files: filesOf(each), probes: probes[index] ?? [] })))
  }, 300_000)

  afterAll(() => {
    console.log(`nginx: ${cases.length} configurations, ${counts.compared} requests compared, ${counts.undecided} undecided (seed ${SEED})`)
  })

  for (const [index, each] of cases.entries()) {
    test(each.name, () => {
      const result = results[index]
      if (result?.accepted !== true) throw new Error(`nginx refuses the configuration: ${result?.message}`)
      const reading = read(filesOf(each))
      const gaps = evidenceOf(reading.evidence, 'gap').filter(({ claim }) => claim.affects.kind === 'proxy')
      expect(gaps.map(({ claim }) => claim.what)).toEqual([])
      const servers = serversOf(reading)
      const classes = proxyRoutes(servers)
      const disagreements: string[] = []
      for (const [at, probe] of (probes[index] ?? []).entries()) {
        const expected = predict(servers, probe)
        const found = result.answers[at] ?? ''
        if (expected === undefined) counts.undecided++
        else {
          counts.compared++
          const where = `${probe.source ?? ''} > ${probe.address} ${probe.port}: ${probe.request.replaceAll('\r\n', ' ')}`
          if (!answers(expected, found)) disagreements.push(`${where}| nginx: ${describeAnswer(found)} | model: ${expected}`)
          else if (!isListed(classes, servers, probe)) disagreements.push(`${where}| is in no class of proxyRoutes`)
        }
      }
      expect(disagreements).toEqual([])
    })
  }

  test('nearly every request is decided', () => {
    expect(counts.compared).toBeGreaterThan(2000)
    expect(counts.undecided / (counts.compared + counts.undecided)).toBeLessThan(0.05)
  })
})

describe.skipIf(reason !== undefined)('what nginx refuses is reported', () => {
  const names = Object.keys(REFUSED)
  let results: readonly RealResult[] = []
  beforeAll(() => {
    results = runReal(names.map((name) => ({ files: new Map([['nginx.conf', mainFile(REFUSED[name] ?? '')]]), probes: [] })))
  }, 120_000)

  for (const [index, name] of names.entries()) {
    test(name, () => {
      expect(results[index]?.accepted).toBe(false)
      const reading = read(new Map([['nginx.conf', mainFile(REFUSED[name] ?? '')]]))
      const gaps = evidenceOf(reading.evidence, 'gap').filter(({ claim }) => claim.affects.kind === 'proxy')
      expect(gaps.length).toBeGreaterThan(0)
    })
  }
})

function filesOf(each: Case): ReadonlyMap<string, string> {
  return new Map([['nginx.conf', mainFile(each.http)], ...Object.entries(each.files ?? {})])
}

function read(files: ReadonlyMap<string, string>): Reading {
  const machine = new Map([...files].map(([path, text]) => [`/etc/nginx/${path}`, text]))
  return readNginx(snapshotOf(['/etc/nginx/nginx.conf'], machine, CONTEXT))
}

function serversOf(reading: Reading): readonly ProxyServer[] {
  return evidenceOf(reading.evidence, 'proxy').flatMap(({ claim }) => claim.servers)
}

function probesOf(each: Case): readonly Asked[] {
  const { to = ['127.0.0.1 8080'], hosts = ['x.example'], paths = ['/'], from = [undefined], methods = ['GET'], users = [false] } = each
  return to.flatMap((place) =>
    hosts.flatMap((host) =>
      paths.flatMap((target) =>
        from.flatMap((source) =>
          methods.flatMap((method) =>
            users.map((authenticated): Asked => {
              const [address = '', port = ''] = place.split(' ')
              const client = parseAddress(source ?? address)
              if (client === undefined) throw new Error(`${source ?? address} is no address`)
              const lines = [
                `${method} ${target} HTTP/${host === null ? '1.0' : '1.1'}`,
                ...(host === null ? [] : [`Host: ${host}`]),
                ...(authenticated ? [`Authorization: Basic ${CREDENTIALS}`] : []),
                'Connection: close',
              ]
              const asked = { address: client, method, authenticated, host: host ?? undefined, target }
              return {
                address,
                port: Number(port),
                ...(source === undefined ? {} : { source }),
                request: `${lines.join('\r\n')}\r\n\r\n`,
                asked,
              }
            }),
          ),
        ),
      ),
    ),
  )
}

/** Everything that the answer may be; `undefined`: the model does not say. */
function predict(servers: readonly ProxyServer[], probe: Asked): string | undefined {
  const listener = listenerOf(servers, probe)
  return listener === undefined ? 'nobody listens' : inWords(decideRequest(servers, listener, probe.asked, MATCHER))
}

const MATCHER: RegexMatcher = (pattern, caseSensitive, text) => new RegExp(pattern, caseSensitive ? '' : 'i').test(text)

function listenerOf(servers: readonly ProxyServer[], probe: Asked): ProxyListener | undefined {
  const address = parseAddress(probe.address)
  return address === undefined ? undefined : selectListener(servers, address, probe.port)
}

/** Whatever a request can get to is in the list of classes, with its listener, location and target. */
function isListed(classes: readonly RequestRoute[], servers: readonly ProxyServer[], probe: Asked): boolean {
  const listener = listenerOf(servers, probe)
  if (listener === undefined) return false
  const outcome = decideRequest(servers, listener, probe.asked, MATCHER)
  if (outcome.kind !== 'action') return true
  const { action, route } = outcome
  return classes.some((one) => {
    const here =
      socketKey(one.listener) === socketKey(listener) &&
      one.location.length === route.length &&
      route.every(({ match }, index) => one.location[index] === match)
    return (
      here &&
      (action.kind === 'pass' ? one.target.kind === 'upstream' && action.targets.includes(one.target.target) : one.target === action)
    )
  })
}

function inWords(outcome: Outcome): string | undefined {
  if (outcome.kind === 'undecided') return undefined
  if (outcome.kind === 'answer')
    return outcome.status === 444 ? 'closed' : `status ${outcome.status}${outcome.location === undefined ? '' : ` to ${outcome.location}`}`
  const { action } = outcome
  if (action.kind === 'files') return 'files'
  if (action.kind === 'builtin') return action.name
  if (action.kind !== 'pass') return undefined
  const ports = action.targets
    .flatMap((target) => targetEndpoints(target))
    .map((endpoint) => (endpoint.kind === 'inet' ? endpoint.port : 0))
  return `passed to ${ports.join(' or ')}`
}

function answers(expected: string, raw: string): boolean {
  const found = describeAnswer(raw)
  if (expected === found) return true
  if (expected === 'files') return /^status (?:403|404|405)\b/.test(found)
  if (expected === 'stub_status') return raw.includes('Active connections')
  // Nobody is behind that port: nginx says so.
  if (expected.includes('9999') && found.startsWith('status 502')) return true
  if (expected.startsWith('passed'))
    return expected
      .replace('passed to ', '')
      .split(' or ')
      .some((port) => found === `passed to ${port}`)
  // A path becomes an absolute URL.
  // nginx adds the request's query to a redirect, and makes an absolute URL of a path.
  const [, status, location = ''] = /^status (\d+) to (.*)$/.exec(expected) ?? []
  const without = found.replace(/\?.*$/, '')
  if (without === expected) return true
  return (
    status !== undefined &&
    location.startsWith('/') &&
    found.startsWith(`status ${status} to http://`) &&
    without.endsWith(encodeURI(location))
  )
}

function describeAnswer(raw: string): string {
  if (raw === '') return 'closed'
  const upstream = /^X-Upstream: (\d+)\r$/m.exec(raw)?.[1]
  if (upstream !== undefined) return `passed to ${upstream}`
  const status = /^HTTP\/1\.1 (\d+)/.exec(raw)?.[1]
  const location = /^Location: (.*)\r$/m.exec(raw)?.[1]
  return status === undefined ? raw.slice(0, 200) : `status ${status}${location === undefined ? '' : ` to ${location}`}`
}
