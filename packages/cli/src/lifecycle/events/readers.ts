import { readEntry } from '../../log/read.ts'
import type { LineReader } from './event.ts'
import { isoTime, syslogTime, webTime } from './times.ts'

/** The guard's own log, and what `sallyport run` writes there. */
export const readGuardLine: LineReader = (line) => {
  const entry = readEntry(line)
  if (entry === undefined || entry.code === 'left-out') return undefined
  return {
    time: entry.time,
    from: 'guard',
    address: entry.address === '' ? undefined : entry.address,
    what: `${entry.code}: ${entry.what}${entry.value === '' ? '' : ` (${entry.value})`}`,
  }
}

/** As rsyslog and `journalctl -o short-iso` write it: time, host, program. The program stands at the start: a user's name cannot pass for it. */
const SYSLOG = /^(\S+T\S+|[A-Z][a-z]{2} +\d{1,2} [\d:]{8}) \S+ sshd(?:-session)?\[\d+\]: (.*)$/

/**
 * Refusals of OpenSSH (auth.c, auth2.c, packet.c). The user's name is the client's own text, and may be `x from 192.0.2.1 port 1`: the address is the
 * last one, with nothing behind it but what sshd writes there.
 */
const SSH_REFUSALS: readonly RegExp[] = [
  /^Failed \S+ for (?:invalid user )?.* from ([0-9A-Fa-f:.]+) port \d+(?: ssh2(?:: [\w-]+ SHA256:\S+)?)?$/,
  /^Invalid user .* from ([0-9A-Fa-f:.]+)(?: port \d+)?$/,
  /^Connection (?:closed|reset) by (?:authenticating|invalid) user .* ([0-9A-Fa-f:.]+) port \d+ \[preauth\]$/,
  /^error: maximum authentication attempts exceeded for (?:invalid user )?.* from ([0-9A-Fa-f:.]+) port \d+ ssh2 \[preauth\]$/,
  /^Disconnecting (?:authenticating|invalid) user .* ([0-9A-Fa-f:.]+) port \d+: Too many authentication failures \[preauth\]$/,
]

export const readSshLine: LineReader = (line, now) => {
  const [, when = '', what = ''] = SYSLOG.exec(line) ?? []
  const address = SSH_REFUSALS.map((pattern) => pattern.exec(what)?.[1]).find((found) => found !== undefined)
  return address === undefined ? undefined : { time: isoTimeOr(when, now), from: 'sshd', address, what }
}

function isoTimeOr(text: string, now: number): number | undefined {
  return /^\d/.test(text) ? isoTime(text) : syslogTime(text, now)
}

/** What a server says to those whom it does not let in, or not so often. */
const REFUSING: ReadonlySet<string> = new Set(['401', '403', '429'])

/**
 * nginx's `combined` format (ngx_http_log_module): a quotation mark within a value is written `\x22`, so that the first one begins the
 * request; the time is the last in brackets before it, since the user's name is the client's own text.
 */
export const readNginxLine: LineReader = (line) => {
  const [, head = '', request = '', status = ''] = /^([^"]*)"([^"]*)" (\d{3}) /.exec(line) ?? []
  if (!REFUSING.has(status)) return undefined
  const [, address, when = ''] = /^([0-9A-Fa-f:.]+|unix:) - .*\[([^\]]+)\] $/.exec(head) ?? []
  return address === undefined ? undefined : { time: webTime(when), from: 'nginx', address, what: `${status} ${request}` }
}

/**
 * Of nginx's error log what limits kept out (ngx_http_limit_req_module.c, ngx_http_limit_conn_module.c): their status is 503 unless it is set
 * otherwise. Nothing that a client sends stands before its address.
 */
const LIMITED =
  /^(\d{4}\/\d{2}\/\d{2} [\d:]{8}) \[\w+\] \d+#\d+: \*\d+ (limiting (?:requests, excess: [\d.]+|connections) by zone "[^"]*"), client: ([0-9A-Fa-f:.]+), /

export const readNginxErrorLine: LineReader = (line) => {
  const [, when = '', what = '', address] = LIMITED.exec(line) ?? []
  return address === undefined ? undefined : { time: isoTime(when.replaceAll('/', '-')), from: 'nginx', address, what }
}

/** fail2ban's own log (server/actions.py, server/filter.py). */
const FAIL2BAN =
  /^(\d{4}-\d{2}-\d{2} [\d:,]{12}) fail2ban\.(?:actions|filter)\s+\[\d+\]: (?:NOTICE|INFO|WARNING)\s+\[([\w.-]+)\] ((?:Restore )?Ban|Unban|Found|Already banned|[0-9A-Fa-f:.]+ already banned)(?: ([0-9A-Fa-f:.]+))?/

export const readFail2banLine: LineReader = (line) => {
  const [, when = '', jail = '', action = '', address] = FAIL2BAN.exec(line) ?? []
  return action === '' ? undefined : { time: isoTime(when), from: 'fail2ban', address, what: `${jail}: ${action}` }
}

/** What services of their own write where they keep somebody out (M2), and the guard's lines among theirs. */
const REFUSED =
  /\b(?:unauthori[sz]ed|invalid internal api key|authentication (?:failed|failure)|(?:invalid|expired|revoked) (?:token|jwt|api key|session))\b/i
const ADDRESS = /(?<![\w.:])((?:\d{1,3}\.){3}\d{1,3})(?![\w.])/

export function serviceReader(name: string): LineReader {
  return (line, now) => {
    // As docker-compose has it: the container's name, a bar, the line.
    const text = line.replace(/^[\w.-]+ +\| ?/, '')
    const guarded = readGuardLine(text, now)
    if (guarded !== undefined) return { ...guarded, from: name }
    if (!REFUSED.test(text)) return undefined
    const when = /^\d{4}-\d{2}-\d{2}[T ][\d:]{8}(?:[.,]\d+)?(?:Z|[+-]\d{2}:?\d{2})?/.exec(text)?.[0]
    return { time: when === undefined ? undefined : isoTime(when), from: name, address: ADDRESS.exec(text)?.[1], what: text }
  }
}
