import { connect } from 'node:net'
import { formatAddress, hostBeforePort, isUnspecified } from '@sallyport/core/network'
import { type Shown, show } from '@sallyport/core/evidence'
import { readProcNet } from '@sallyport/core/systems'
import { readProc, readTcp } from '../collect/machine/proc.ts'
import { whyUnanswered } from '../system-words.ts'
import type { Part, PartPort } from './part.ts'
import type { Place, State } from './managers/manager.ts'

/** What a part said when it was asked. */
export type Answer =
  | { readonly kind: 'http'; readonly url: Shown; readonly status: number; readonly ms: number }
  | { readonly kind: 'connected'; readonly at: string; readonly ms: number }
  /** UDP: whether anybody is behind the socket only its own protocol could tell. */
  | { readonly kind: 'bound'; readonly at: string }
  | { readonly kind: 'none'; readonly at: string; readonly why: Shown }
  /** It cannot be asked from here, which says neither that it is up nor that it is not. */
  | { readonly kind: 'unasked'; readonly at: string; readonly why: Shown }

const PATIENCE_MS = 3_000

/** Asks every port of the part: over HTTP where its policy has a path for that, else by a connection. Nothing is sent but `GET PATH`. */
export async function probe(part: Omit<Part, 'row'>, state: State | undefined): Promise<readonly Answer[]> {
  // Of a container only its engine tells where it is.
  if (part.runner.kind === 'compose' && state?.kind !== 'running') return []
  return Promise.all(part.ports.map((port) => probePort(part, port, state)))
}

async function probePort(part: Omit<Part, 'row'>, { port, protocol }: PartPort, state: State | undefined): Promise<Answer> {
  const inContainer = state?.kind === 'running' ? state.places : undefined
  const places = inContainer === undefined || inContainer.size === 0 ? ownPlaces(port, protocol) : placesIn(inContainer, port, protocol)
  const [place] = places
  if (protocol === 'udp') {
    if (inContainer !== undefined) return { kind: 'unasked', at: `udp ${port}`, why: show('the UDP port of a container cannot be asked') }
    return place === undefined
      ? { kind: 'none', at: `udp ${port}`, why: show('no socket is bound to it') }
      : { kind: 'bound', at: textOf(place) }
  }
  if (place === undefined) return { kind: 'none', at: `tcp ${port}`, why: show('nothing listens on it') }
  return part.health === undefined || port !== part.ports.find((each) => each.protocol === 'tcp')?.port
    ? connected(place)
    : answered(place, part, part.health)
}

function placesIn(places: ReadonlyMap<string, Place>, port: number, protocol: string): readonly Place[] {
  const named = places.get(`${port}/${protocol}`)
  const any = places.get('*')
  return named !== undefined ? [named] : any === undefined ? [] : [{ host: any.host, port }]
}

/** Where something listens on the port in this machine's own network; an address of every interface is asked at loopback. */
function ownPlaces(port: number, protocol: PartPort['protocol']): readonly Place[] {
  const names = [protocol, `${protocol}6`]
  const texts = names.map((name) => (protocol === 'tcp' ? readTcp : readProc)(`/proc/self/net/${name}`))
  // No /proc: not Linux.
  if (texts.every((text) => text === undefined)) return [{ host: '127.0.0.1', port }]
  const found = texts.flatMap((text) => readProcNet(text ?? '', protocol).rows.filter((row) => row.port === port))
  return found
    .map(({ address }) => ({ host: isUnspecified(address) ? (address.family === 6 ? '::1' : '127.0.0.1') : formatAddress(address), port }))
    .toSorted((a, b) => Number(b.host === '127.0.0.1') - Number(a.host === '127.0.0.1'))
}

const textOf = ({ host, port }: Place): string => `${hostBeforePort(host)}:${port}`

function connected(place: Place): Promise<Answer> {
  const started = performance.now()
  return new Promise((done) => {
    const socket = connect({ host: place.host, port: place.port })
    const end = (answer: Answer): void => {
      socket.destroy()
      done(answer)
    }
    socket.setTimeout(PATIENCE_MS, () => end({ kind: 'none', at: textOf(place), why: show('no connection in 3 s') }))
    socket.once('connect', () => end({ kind: 'connected', at: textOf(place), ms: since(started) }))
    socket.once('error', (error) => end({ kind: 'none', at: textOf(place), why: whyOf(error) }))
  })
}

const since = (started: number): number => Math.round(performance.now() - started)

const whyOf = (error: NodeJS.ErrnoException): Shown => show(whyUnanswered(error))

/** A path of a policy may be written in any script; a request has it by its bytes (RFC 3986 §2.5). */
function inAscii(path: string): string {
  return path.replace(/[^\u0021-\u007e]/gu, (character) => encodeURIComponent(/^\p{Surrogate}$/u.test(character) ? '\ufffd' : character))
}

async function answered(place: Place, { encrypted, domain }: Omit<Part, 'row'>, path: string): Promise<Answer> {
  const { request } = encrypted ? await import('node:https') : await import('node:http')
  const url = show(`${encrypted ? 'https' : 'http'}://${textOf(place)}${path}`)
  const started = performance.now()
  return new Promise((done) => {
    const end = (answer: Answer): void => {
      clearTimeout(timer)
      call.destroy()
      done(answer)
    }
    const call = request({
      host: place.host,
      port: place.port,
      path: inAscii(path),
      agent: false,
      // A guarded server answers to its own names alone; a container's address is none of them.
      headers: { host: domain ?? `localhost:${place.port}`, 'user-agent': 'sallyport-health' },
      // Whether it is up is asked, of this machine itself; whose certificate it has, `check` looks at.
      ...(encrypted ? { rejectUnauthorized: false, ...(domain === undefined ? {} : { servername: domain }) } : {}),
    })
    // Of the whole answer: one that comes byte by byte is never idle.
    const timer = setTimeout(() => end({ kind: 'none', at: url, why: show('no answer in 3 s') }), PATIENCE_MS)
    call.once('response', (response) => {
      response.resume()
      end({ kind: 'http', url, status: response.statusCode ?? 0, ms: since(started) })
    })
    call.on('error', (error) => end({ kind: 'none', at: url, why: whyOf(error) }))
    call.end()
  })
}
