import { type Address, isLoopbackName, parseAddress, spelledAddress, unmap } from '@sallyport/core/network'

/** What a program binds that is given a text as its host. `port`: where the text has one. */
export type HostText =
  | { readonly kind: 'address'; readonly address: Address; readonly port: number | undefined }
  /** A name that is not one of loopback: what it means, the resolver decides. */
  | { readonly kind: 'name'; readonly name: string }
  /** No host at all: a socket of the file system, a port alone. */
  | { readonly kind: 'nothing' }

const EVERY: Address = { family: 6, value: 0n }
const FOUR: Address = { family: 4, value: 0x7f000001n }

const ELSEWHERE = /^(?:unix|fd|pipe|systemd|ipc|stdio)[:@]|^[/.]/

/** Reads `0.0.0.0`, `[::]:8000`, `:8000`, `http://*:8000`, `localhost`, `0`, `0x7f.1` as programs do. */
export function readHostText(given: string): HostText {
  const text = given
    .trim()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
    .replace(/[/?#].*$/s, '')
  if (given.trim() === '' || ELSEWHERE.test(given.trim())) return { kind: 'nothing' }
  const { host, port } = cut(text)
  if (host === '' || host === '*' || host === '+') return { kind: 'address', address: EVERY, port }
  if (isLoopbackName(host)) return { kind: 'address', address: FOUR, port }
  const address = spelledAddress(host)
  if (address === undefined) return { kind: 'name', name: host }
  return { kind: 'address', address: unmap(address), port }
}

function cut(text: string): { readonly host: string; readonly port: number | undefined } {
  const [, bracketed, after] = /^\[([^\]]*)\](?::([0-9]{1,5}))?$/.exec(text) ?? []
  if (bracketed !== undefined) return { host: bracketed, port: after === undefined ? undefined : Number(after) }
  if (parseAddress(text) !== undefined) return { host: text, port: undefined }
  const [, host, port] = /^([^:]*):([0-9]{1,5})$/.exec(text) ?? []
  return host === undefined ? { host: text, port: undefined } : { host, port: Number(port) }
}
