/** What begins a section (HAProxy configuration manual, 2.8 to 3.2). */
const SECTIONS: ReadonlySet<string> = new Set(
  `global defaults frontend backend listen peers userlist resolvers mailers cache program http-errors ring log-forward fcgi-app crt-list crt-store
  traces acme log-profile namespace_list spoe-agent`.split(/\s+/),
)

/** Sections that listen to nobody and pass nothing on. */
export const QUIET_SECTIONS: ReadonlySet<string> = new Set(
  'userlist resolvers mailers cache http-errors ring fcgi-app crt-list crt-store traces acme log-profile namespace_list spoe-agent defaults backend'.split(
    ' ',
  ),
)

export function isSection(keyword: string): boolean {
  return SECTIONS.has(keyword)
}

/** Lines of a proxy's section that are read elsewhere here. */
const INTERPRETED = `acl bind mode server server-template dispatch use_backend default_backend http-request tcp-request redirect stats monitor-uri disabled
  enabled option use-fcgi-app block use-server default-server`

/** Lines that neither let anybody in nor keep anybody out, nor say where requests go (configuration manual, `proxy keywords matrix`; `haproxy -dKcfg`). */
const NEUTRAL = `backlog balance bind-process capture clitcpka-cnt clitcpka-idle clitcpka-intvl clitimeout compression contimeout cookie crt declare
  description email-alert errorfile errorfiles errorloc errorloc302 errorloc303 external-check filter force-be-switch force-persist fullconn grace guid
  hash-balance-factor hash-key hash-preserve-affinity hash-type http-after-response http-check http-error http-response http-reuse http-send-name-header id
  ignore-persist load-server-state-from-file log log-format log-format-sd log-steps log-tag max-keep-alive-queue max-session-srv-conns maxconn monitor
  monitor-net no persist quic-initial rate-limit retries retry-on server-state-file-name source srvtcpka-cnt srvtcpka-idle srvtcpka-intvl srvtimeout
  ssl-f-use dynamic-cookie-key redispatch stick stick-table tcp-check tcp-response timeout transparent unique-id-format unique-id-header error-log-format appsession
  http-client-errors nbproc reqadd reqdel rspadd rspdel rsprep rspirep reqrep reqirep`

const KNOWN: ReadonlySet<string> = new Set(`${INTERPRETED} ${NEUTRAL}`.split(/\s+/))

export function isKnown(keyword: string): boolean {
  return KNOWN.has(keyword)
}

/** What a rule of `http-request` or `tcp-request` does to a request, as far as reach goes. */
export type Action = 'refuse' | 'accept' | 'redirect' | 'return' | 'service' | 'rewrite' | 'source' | 'neutral'

const ACTIONS: readonly { readonly action: Action; readonly names: string }[] = [
  { action: 'refuse', names: 'deny tarpit reject silent-drop auth block' },
  { action: 'accept', names: 'allow accept' },
  { action: 'redirect', names: 'redirect' },
  { action: 'return', names: 'return' },
  { action: 'service', names: 'use-service' },
  { action: 'rewrite', names: 'set-path set-pathq set-uri replace-path replace-pathq replace-uri normalize-uri' },
  { action: 'source', names: 'set-src' },
  {
    action: 'neutral',
    names: `set-header add-header del-header del-headers-bin add-headers-bin set-headers-bin replace-header replace-value set-var set-var-fmt unset-var capture
      track-sc0 track-sc1 track-sc2 track-sc sc-inc-gpc sc-inc-gpc0 sc-inc-gpc1 sc-add-gpc sc-set-gpt sc-set-gpt0 set-log-level set-method set-query set-mark
      set-tos set-nice set-src-port set-priority-class set-priority-offset cache-use disable-l7-retry early-hint set-timeout strict-mode add-acl del-acl set-map
      del-map send-spoe-group wait-for-body wait-for-handshake expect-proxy expect-netscaler-cip inspect-delay switch-mode pause set-bandwidth-limit
      set-bc-mark set-bc-tos set-fc-mark set-fc-tos set-bc-ttl do-log set-retries set-dst set-dst-port do-resolve attach-srv set-ssl-cafile ot-group otel-group`,
  },
]

const ACTION_OF: ReadonlyMap<string, Action> = new Map(
  ACTIONS.flatMap(({ action, names }) => names.split(/\s+/).map((name): [string, Action] => [name, action])),
)

/** `set-var(txn.x)`, `track-sc0`; `undefined`: in no table. */
export function actionOf(word: string): Action | undefined {
  return ACTION_OF.get(word.replace(/\(.*$/s, ''))
}
