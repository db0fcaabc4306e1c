import { request as plain } from 'node:http'
import { request as encrypted } from 'node:https'
import { evidenceOf, type ProxyListener, type ProxyRoute, type ProxyServer } from '@sallyport/core/evidence'
import { formatAddress, isUnspecified } from '@sallyport/core/network'
import { collectConfiguration } from '../collect/machine/configuration.ts'

/** Longer than a service that is well takes. */
const PATIENCE_MS = 5000
/** So many requests are made, each way. */
const MOST = 200

/** One request to a proxy of this machine that it passes on. */
interface Asked {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly name: string
  readonly path: string
}

/**
 * Asks what the proxies' configuration passes on, through the proxy: by `https engines.example.com:443/billing/`, whether an answer comes that is none of
 * the proxy's own about a service that does not answer (RFC 9110 §15.6: 5xx).
 */
export async function passedOn(): Promise<ReadonlyMap<string, boolean>> {
  const evidence = await collectConfiguration([], undefined, Date.now())
  const asked = evidenceOf(evidence, 'proxy').flatMap(({ claim }) => claim.servers.flatMap(requestsOf))
  const distinct = new Map(asked.map((each): [string, Asked] => [textOf(each), each]))
  return new Map(
    await Promise.all([...distinct].slice(0, MOST).map(async ([text, each]): Promise<[string, boolean]> => [text, await isAnswered(each)])),
  )
}

function textOf({ tls, name, port, path }: Asked): string {
  return `${tls ? 'https' : 'http'}://${name}:${port}${path}`
}

function requestsOf({ layer, listeners, names, routes }: ProxyServer): readonly Asked[] {
  if (layer !== 'http') return []
  const paths = routes.flatMap(pathsOf)
  const exact = names.flatMap((name) => (name.kind === 'exact' && /^[\x21-\x7e]+$/.test(name.name) ? [name.name] : []))
  return listeners.flatMap((listener) =>
    placeOf(listener).flatMap((place) => exact.flatMap((name) => paths.map((path) => ({ ...place, tls: listener.tls, name, path })))),
  )
}

function pathsOf({ match, action, nested }: ProxyRoute): readonly string[] {
  const own = action.kind === 'pass' && 'path' in match && /^\/[\x21-\x7e]*$/.test(match.path) ? [match.path] : []
  return [...own, ...nested.flatMap(pathsOf)]
}

/** A wildcard is reached by loopback. What speaks the PROXY protocol would not understand. */
function placeOf({ at, proxyProtocol, protocol }: ProxyListener): readonly { readonly host: string; readonly port: number }[] {
  if (at.kind !== 'inet' || proxyProtocol || protocol !== 'tcp' || at.ports.first !== at.ports.last) return []
  const loopback = at.address.family === 6 ? '::1' : '127.0.0.1'
  return [{ host: isUnspecified(at.address) ? loopback : formatAddress(at.address), port: at.ports.first }]
}

function isAnswered({ host, port, tls, name, path }: Asked): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { host, port, path, method: 'HEAD', timeout: PATIENCE_MS, agent: false, headers: { Host: name } }
    // Whether the certificate is right is another question: what is asked for is our own.
    const request = tls ? encrypted({ ...options, servername: name, rejectUnauthorized: false }) : plain(options)
    request.on('response', (response) => {
      response.resume()
      resolve((response.statusCode ?? 500) < 500)
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(false))
    request.end()
  })
}
