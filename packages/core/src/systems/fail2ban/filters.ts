/**
 * What of the guard's refusals counts as a failure: guessing, and requests that no program of good will sends. What a page of a stranger can make
 * somebody's browser send (`origin-not-allowed`, `cross-site`), a session that is
 * no more (`token-missing`), or a page with many pictures (`rate-limited`), would shut out who did nothing.
 */
const COUNTED: readonly string[] = [
  'key-missing',
  'key-wrong',
  'token-invalid',
  'request-unreadable',
  'host-missing',
  'host-repeated',
  'host-disagrees',
  'target-form',
  'target-character',
  'target-dots',
  'header-repeated',
  'length-ambiguous',
  'method-connect',
  'upgrade-unknown',
]

/** The guard's log (docs/guard.md): fail2ban takes the time out of a line before it looks at the rest. */
const GUARD = `[Definition]
failregex = ^","code":"(?:${COUNTED.join('|')})","status":\\d+,"message":"[^"]*","address":"<HOST>",
datepattern = ^\\{"time":"%%Y-%%m-%%dT%%H:%%M:%%S\\.%%f%%z
`

/**
 * The log of FreeSWITCH (sofia_reg.c). fail2ban's own filter counts challenges as well, of which every registration begins with one, does not know the
 * idle time that newer versions write before the level (fail2ban#3143), and misses users with a bracket in their name. What a caller can choose stands
 * in the brackets; the address is the end of the line.
 */
const SIP = `[Definition]
failregex = ^\\s*(?:\\d+\\.\\d+%% )?\\[WARN(?:ING)?\\] sofia_reg\\.c:\\d+ SIP auth failure \\((?:REGISTER|INVITE)\\) on sofia profile '[^']*' for \\[.*\\] from ip <HOST>\\s*$
            ^\\s*(?:\\d+\\.\\d+%% )?\\[WARN(?:ING)?\\] sofia_reg\\.c:\\d+ Can't find user \\[.*\\] from <HOST>\\s*$
datepattern = ^%%Y-%%m-%%d %%H:%%M:%%S\\.%%f
`

/** Filters that are written with the jails, by name. */
export const FILTERS: ReadonlyMap<string, string> = new Map([
  ['sallyport-guard', GUARD],
  ['sallyport-sip', SIP],
])
