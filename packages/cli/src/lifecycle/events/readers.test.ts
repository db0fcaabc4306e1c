import { describe, expect, it } from 'vitest'
import { LINE_LENGTH } from '../step.ts'
import { readFail2banLine, readGuardLine, readNginxErrorLine, readNginxLine, readSshLine, serviceReader } from './readers.ts'

const NOW = Date.UTC(2026, 10, 22, 12)
const at = (time: string): number => Date.parse(time)

describe('lines of logs', () => {
  it('M11, M14 · sshd: refusals, in the form of rsyslog, of the journal and of syslog', () => {
    const failed = 'sshd[812]: Failed password for invalid user admin from 192.0.2.7 port 40022 ssh2'
    expect(readSshLine(`2026-11-22T11:00:00.123456+00:00 server ${failed}`, NOW)).toMatchObject({
      from: 'sshd',
      address: '192.0.2.7',
      time: at('2026-11-22T11:00:00.123Z'),
    })
    expect(readSshLine(`2026-11-22T11:00:00+0000 server ${failed}`, NOW)?.time).toBe(at('2026-11-22T11:00:00Z'))
    expect(readSshLine(`Nov 22 11:00:00 server ${failed}`, NOW)?.time).toBe(new Date(2026, 10, 22, 11).getTime())
    // Of a time without a year that would be to come, the last one that was.
    expect(readSshLine(`Dec 31 23:00:00 server ${failed}`, NOW)?.time).toBe(new Date(2025, 11, 31, 23).getTime())
    for (const line of [
      'Failed publickey for root from 2001:db8::7 port 50000 ssh2: ED25519 SHA256:AAAA',
      'Invalid user oracle from 192.0.2.7 port 22',
      'Connection closed by authenticating user root 192.0.2.7 port 22 [preauth]',
      'error: maximum authentication attempts exceeded for root from 192.0.2.7 port 22 ssh2 [preauth]',
    ])
      expect([line, readSshLine(`2026-11-22T11:00:00Z server sshd-session[9]: ${line}`, NOW)?.address]).toEqual([
        line,
        line.includes('db8') ? '2001:db8::7' : '192.0.2.7',
      ])
  })

  it('M14 · sshd: a user’s name forges no address, and another program no line', () => {
    const forged =
      '2026-11-22T11:00:00Z server sshd[1]: Failed password for invalid user x from 203.0.113.9 port 1 ssh2 from 192.0.2.7 port 40022 ssh2'
    expect(readSshLine(forged, NOW)?.address).toBe('192.0.2.7')
    expect(
      readSshLine('2026-11-22T11:00:00Z server app[1]: sshd[1]: Failed password for root from 203.0.113.9 port 1 ssh2', NOW),
    ).toBeUndefined()
    expect(readSshLine('2026-11-22T11:00:00Z server sshd[1]: Accepted publickey for root from 192.0.2.7 port 1 ssh2', NOW)).toBeUndefined()
  })

  it('M14 · nginx: 401, 403 and 429, and nothing that a client names itself', () => {
    const line = (status: number, user = '-', request = 'GET /admin HTTP/1.1') =>
      `192.0.2.7 - ${user} [22/Nov/2026:12:00:00 +0100] "${request}" ${status} 153 "-" "curl/7"`
    for (const status of [401, 403, 429])
      expect(readNginxLine(line(status), NOW)).toEqual({
        time: at('2026-11-22T11:00:00Z'),
        from: 'nginx',
        address: '192.0.2.7',
        what: `${status} GET /admin HTTP/1.1`,
      })
    for (const status of [200, 301, 404, 500]) expect(readNginxLine(line(status), NOW)).toBeUndefined()
    // As nginx writes them: a quotation mark as \x22.
    expect(readNginxLine(line(200, '-', String.raw`GET /\x22 401 HTTP/1.1`), NOW)).toBeUndefined()
    expect(readNginxLine(line(401, 'x [01/Jan/2020:00:00:00 +0000]'), NOW)?.time).toBe(at('2026-11-22T11:00:00Z'))
  })

  it('M14 · nginx: what a limit kept out, whose status is 503 as well as that of a server that is down', () => {
    const line =
      '2026/11/22 12:00:00 [error] 71#71: *9 limiting requests, excess: 20.990 by zone "engines", client: 192.0.2.7, server: a.example.com, request: "GET /, client: 203.0.113.9, HTTP/1.1"'
    expect(readNginxErrorLine(line, NOW)).toMatchObject({
      address: '192.0.2.7',
      what: 'limiting requests, excess: 20.990 by zone "engines"',
    })
    expect(
      readNginxErrorLine(
        '2026/11/22 12:00:00 [error] 71#71: *9 connect() failed (111: Connection refused) while connecting to upstream, client: 192.0.2.7, server: a',
        NOW,
      ),
    ).toBeUndefined()
  })

  it('M14 · fail2ban: bans, and what led to them', () => {
    const line = (text: string) => readFail2banLine(`2026-11-22 12:00:00,123 fail2ban.actions        [7]: NOTICE  [sshd] ${text}`, NOW)
    expect(line('Ban 192.0.2.7')).toMatchObject({
      from: 'fail2ban',
      address: '192.0.2.7',
      what: 'sshd: Ban',
      time: new Date(2026, 10, 22, 12, 0, 0, 123).getTime(),
    })
    expect(line('Unban 2001:db8::7')?.address).toBe('2001:db8::7')
    expect(line('Flush ticket(s)')).toBeUndefined()
  })

  it('M14 · the guard’s lines, also in what a service prints, and a service’s own words', () => {
    const guarded = JSON.stringify({
      time: '2026-11-22T11:00:00.000Z',
      code: 'host-not-allowed',
      status: 403,
      address: '127.0.0.1',
      method: 'GET',
      path: '/',
      value: 'evil.example',
    })
    expect(readGuardLine(guarded, NOW)).toMatchObject({
      from: 'guard',
      address: '127.0.0.1',
      what: 'host-not-allowed: GET / (evil.example)',
    })
    const read = serviceReader('api')
    expect(read(`app_api_1  | ${guarded}`, NOW)).toMatchObject({ from: 'api', time: at('2026-11-22T11:00:00Z') })
    expect(read('app_api_1  | 2026-11-22T11:00:00Z WARNING Invalid internal API key from 192.0.2.7', NOW)).toMatchObject({
      from: 'api',
      address: '192.0.2.7',
      time: at('2026-11-22T11:00:00Z'),
    })
    expect(read('listening on port 8000', NOW)).toBeUndefined()
  })

  it('M14 · whatever a line holds, it is read or left', () => {
    // Longer lines are cut before they are read.
    for (const read of [readSshLine, readNginxLine, readNginxErrorLine, readFail2banLine, readGuardLine, serviceReader('x')])
      for (const text of [
        '',
        '\0',
        '"'.repeat(50_000),
        ' from '.repeat(20_000),
        `2026-11-22T11:00:00Z s sshd[1]: Failed x for ${' from 1.1.1.1 port 1'.repeat(5_000)}`,
        `1.1.1.1 - ${'['.repeat(50_000)}"" 401 `,
        '{'.repeat(50_000),
      ])
        expect(() => read(text.slice(0, LINE_LENGTH), NOW)).not.toThrow()
  })
})
