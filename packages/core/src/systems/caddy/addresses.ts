import type { FileOrigin, ServerName, Value } from '../../evidence/index.ts'
import type { CaddyGaps } from './gaps.ts'
import { type Directive, wordOrigin } from './parse.ts'
import type { Token } from './tokens.ts'
import { portNumber } from '../proxy-values.ts'
import { hasEnvironment, masked, soleVariable, toValue, withDefaults } from './values.ts'

/** The address of a site: `scheme://host:port/path`, every part but one left out as one likes (caddyconfig/httpcaddyfile/addresses.go). */
export interface SiteAddress {
  readonly scheme: 'http' | 'https' | undefined
  /** `undefined`: whatever name is asked for. */
  readonly host: ServerName | undefined
  /** A number; a value that is decided outside the file; `undefined`: that of the scheme. */
  readonly port: number | Value | undefined
  readonly path: string
  readonly origin: FileOrigin
}

/** A variable that by its name holds a domain, and no port. */
const DOMAIN = /DOMAIN|HOST|FQDN|SITE_?NAME|SERVER_?NAME/i

/** The addresses of a site, of which commas and blanks part one from another. */
export function addressesOf(site: Directive, gaps: CaddyGaps): readonly SiteAddress[] {
  return site.head.flatMap((word) =>
    splitCommas(word).flatMap((part) => {
      const address = addressOf(part, wordOrigin(site, word))
      if (address === undefined) gaps.at(site, `"${part.slice(0, 80)}" is no address that a site can have`)
      return address ?? []
    }),
  )
}

function splitCommas({ text }: Token): readonly string[] {
  const mask = masked(text)
  const parts: string[] = []
  let from = 0
  for (let at = 0; at <= mask.length; at++) {
    if (at < mask.length && mask[at] !== ',') continue
    if (at > from) parts.push(text.slice(from, at))
    from = at + 1
  }
  return parts
}

function addressOf(written: string, origin: FileOrigin): SiteAddress | undefined {
  const sole = soleVariable(written)
  if (sole !== undefined) return fromVariable(written, sole, origin)
  const mask = masked(written)
  const [, scheme, , host = '', , port, path = ''] = /^((https?):\/\/)?(\[[^\]]*\]|[^:/[\]]*)(:([^/:]*))?(\/.*)?$/i.exec(mask) ?? []
  if (mask !== '' && host === '' && port === undefined && path === '' && scheme === undefined) return undefined
  const start = scheme?.length ?? 0
  const hostText = written.slice(start, start + host.length)
  const portText = port === undefined ? undefined : written.slice(start + host.length + 1, start + host.length + 1 + port.length)
  const found = portText === undefined || portText === '' ? undefined : portOf(portText, origin)
  if (found === 'refused') return undefined
  return {
    scheme: schemeOf(scheme),
    host: hostOf(hostText, origin),
    port: found,
    path: path === '' ? '' : written.slice(written.length - path.length),
    origin,
  }
}

function schemeOf(written: string | undefined): SiteAddress['scheme'] {
  return written === undefined ? undefined : written.toLowerCase() === 'https://' ? 'https' : 'http'
}

function hostOf(text: string, origin: FileOrigin): ServerName | undefined {
  if (text === '' || text === '*') return undefined
  if (hasEnvironment(text) || text.includes('{')) return { kind: 'undecided', value: toValue(text, origin), origin }
  const name = text.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  return name.startsWith('*.')
    ? { kind: 'wildcard-start', suffix: name.slice(2), andItself: false, origin }
    : { kind: 'exact', name, origin }
}

function portOf(text: string, origin: FileOrigin): number | Value | 'refused' {
  if (hasEnvironment(text)) return toValue(text, origin, portNumber)
  return portNumber(text) ?? 'refused'
}

/** `{$SITE_ADDRESS:localhost}`: whatever it is set to, scheme and port may come with it. */
function fromVariable(
  written: string,
  { name, fallback }: { readonly name: string; readonly fallback: string | undefined },
  origin: FileOrigin,
): SiteAddress | undefined {
  const host: ServerName = { kind: 'undecided', value: toValue(written, origin), origin }
  if (fallback === undefined || fallback === '') {
    if (DOMAIN.test(name)) return { scheme: undefined, host, port: undefined, path: '', origin }
    const unknown: Value = { kind: 'unknown', reason: `${name} has no value here`, origin }
    return {
      scheme: undefined,
      host,
      port: { kind: 'environment', name, fallback: unknown, emptyIsUnset: false, origin },
      path: '',
      origin,
    }
  }
  const usual = addressOf(withDefaults(written), origin)
  if (usual === undefined) return undefined
  const named = usual.host === undefined ? {} : { host }
  if (DOMAIN.test(name)) return { ...usual, ...named }
  const port: Value = {
    kind: 'known',
    value: typeof usual.port === 'number' ? usual.port : usual.scheme === 'http' ? 80 : 443,
    origin,
  }
  return { ...usual, ...named, port: { kind: 'environment', name, fallback: port, emptyIsUnset: false, origin } }
}
