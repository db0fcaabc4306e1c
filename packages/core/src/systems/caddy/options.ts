import type { FileOrigin } from '../../evidence/index.ts'
import type { CaddyGaps } from './gaps.ts'
import { type Directive, originOf } from './parse.ts'
import { portNumber } from '../proxy-values.ts'
import { withDefaults } from './values.ts'
import type { Token } from './tokens.ts'

/** What the global options say of who can connect. */
export interface Options {
  readonly httpPort: number
  readonly httpsPort: number
  readonly autoHttps: 'on' | 'off' | 'no-redirects'
  readonly defaultBind: Directive | undefined
  /** Absent: the default, localhost:2019. */
  readonly admin: { readonly off: boolean; readonly address: Token | undefined; readonly directive: Directive } | undefined
  /** HTTP/3, unless `servers { protocols }` leaves it out. */
  readonly http3: boolean
  readonly proxyProtocol: boolean
  /** `servers { trusted_proxies }`: whose X-Forwarded-For is believed. */
  readonly trusted: Directive | undefined
  /** `order NAME before|after|first|last OTHER`. */
  readonly orders: readonly Directive[]
  readonly origin: FileOrigin | undefined
}

/** Options that open nothing and let nobody in (caddyconfig/httpcaddyfile/options.go, serveroptions.go). */
const NEUTRAL: ReadonlySet<string> = new Set(
  `debug email storage storage_clean_interval storage_check renew_interval ocsp_interval ocsp_stapling local_certs skip_install_trust acme_ca
  acme_ca_root acme_eab acme_dns on_demand_tls key_type cert_issuer cert_lifetime preferred_chains grace_period shutdown_delay default_sni
  fallback_sni log persist_config pki metrics events filesystem dns tls_resolvers ech renewal_window_ratio order http_port https_port auto_https
  default_bind admin servers frankenphp mercure vulcain cache experimental_http3`
    .split(/\s+/)
    .filter((name) => name !== ''),
)

export function optionsOf(block: Directive | undefined, gaps: CaddyGaps): Options {
  const lines = block?.block ?? []
  const last = (name: string): Directive | undefined => lines.findLast((line) => line.name === name)
  for (const line of lines) {
    if (NEUTRAL.has(line.name)) continue
    const what =
      line.name === 'layer4'
        ? 'layer4: what it listens on and passes on is not followed'
        : `the option "${line.name.slice(0, 80)}" is not understood`
    gaps.at(line, what)
  }
  const port = (name: string, usual: number): number => {
    const line = last(name)
    const given = portNumber(withDefaults(line?.words[0]?.text ?? ''))
    if (line !== undefined && given === undefined) gaps.at(line, `which port ${name} is cannot be told`)
    return given ?? usual
  }
  const servers = lines.filter((line) => line.name === 'servers')
  const within = servers.flatMap((line) => line.block ?? [])
  const protocols = within.findLast((line) => line.name === 'protocols')
  return {
    httpPort: port('http_port', 80),
    httpsPort: port('https_port', 443),
    autoHttps: autoHttps(last('auto_https')),
    defaultBind: last('default_bind'),
    admin: adminOf(last('admin')),
    http3: protocols === undefined || protocols.words.some((word) => word.text === 'h3'),
    proxyProtocol: within.some((line) => line.name === 'listener_wrappers' && line.block?.some(({ name }) => name === 'proxy_protocol')),
    trusted: within.findLast((line) => line.name === 'trusted_proxies'),
    orders: lines.filter((line) => line.name === 'order'),
    origin: block === undefined ? undefined : originOf(block),
  }
}

function autoHttps(line: Directive | undefined): Options['autoHttps'] {
  const words = new Set(line?.words.map((word) => word.text))
  return words.has('off') ? 'off' : words.has('disable_redirects') ? 'no-redirects' : 'on'
}

function adminOf(directive: Directive | undefined): Options['admin'] {
  if (directive === undefined) return undefined
  const [address] = directive.words
  return { off: address?.text === 'off', address, directive }
}
