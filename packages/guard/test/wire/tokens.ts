import { constants, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/**
 * The cases of `corpus/tokens.txt`: how a token is made and sent, and what has to become of the request.
 *
 *     === name of the case
 *     source: the RFC clause, CVE or paper that it comes from
 *     options: {"typ":"at+jwt"}             further options of `jwt`; may be left out
 *     keys: several                         the server has three keys, r1 (RS256), e1 (ES256) and h1 (HS256); left out: one for RS256, without a name
 *     header: {"alg":"RS256","typ":"JWT"}   exactly this text
 *     payload: {{claims},"sub":"x"}         `{claims}`: iss, aud and exp that are right; `{now-60}`: seconds
 *     sign: RS256 own                       how, and with which key (`SIGNERS`)
 *     change: {header}.{payload}.{signature}=      the token from its parts; may be left out
 *     send: Authorization: Bearer {token}   header lines, and `GET /path` for another target; may be left out, may stand several times
 *     ----
 *     401 token-invalid ERR_JWT_EXPIRED     status, code and what the log says of it; or 200 passed
 */
export interface TokenCase {
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
  readonly several: boolean
  readonly header: string
  readonly payload: string
  readonly signer: string
  readonly change: string
  readonly send: readonly string[]
  readonly expected: string
}

export const ISSUER = 'https://issuer.example.com'
export const AUDIENCE = 'https://api.example.com'
const SECRET = 'a secret of more than thirty-two bytes'

const LINE = /^(source|options|keys|header|payload|sign|change|send): (.*)$/

/** Throws where a case is not as the format says. */
export function parseTokenCases(text: string): readonly TokenCase[] {
  const [, ...blocks] = `\n${text}`.split(/\n=== /)
  return blocks.map((block) => {
    const [name = '', ...lines] = block.trimEnd().split('\n')
    const end = lines.lastIndexOf('----')
    const pairs = lines.slice(0, end).map((line) => {
      const [, key, value] = LINE.exec(line) ?? []
      if (key === undefined || value === undefined) throw new Error(`case ${name}: ${line}?`)
      return [key, value] as const
    })
    const one = (key: string, otherwise?: string): string => {
      const value = pairs.find(([found]) => found === key)?.[1] ?? otherwise
      if (value === undefined) throw new Error(`case ${name}: no ${key}`)
      return value
    }
    if (one('source') === '' || lines.length !== end + 2) throw new Error(`case ${name}: source and one expected line`)
    const send = pairs.filter(([key]) => key === 'send').map(([, value]) => value)
    return {
      name,
      options: JSON.parse(one('options', '{}')) as TokenCase['options'],
      several: one('keys', 'one') === 'several',
      header: one('header'),
      payload: one('payload'),
      signer: one('sign'),
      change: one('change', '{header}.{payload}.{signature}'),
      send: send.length > 0 ? send : ['Authorization: Bearer {token}'],
      expected: lines[end + 1] ?? '',
    }
  })
}

interface Keys {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

const rsa: Keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
const strange: Keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
const curve: Keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** What the guard is told of its keys. */
export function guardKeys(several: boolean): readonly unknown[] {
  if (!several) return [{ alg: 'RS256', key: rsa.publicKey }]
  return [
    { alg: 'RS256', key: rsa.publicKey, kid: 'r1' },
    { alg: 'ES256', key: curve.publicKey, kid: 'e1' },
    { alg: 'HS256', key: SECRET, kid: 'h1' },
  ]
}

type Signer = (input: string) => Buffer

const hmac =
  (secret: string | Buffer, hash = 'sha256'): Signer =>
  (input) =>
    createHmac(hash, secret).update(input).digest()
const rsaWith =
  (hash: string, { privateKey }: Keys): Signer =>
  (input) =>
    sign(hash, Buffer.from(input), privateKey)

const SIGNERS: Readonly<Record<string, Signer>> = {
  none: () => Buffer.alloc(0),
  'RS256 own': rsaWith('sha256', rsa),
  'RS256 stranger': rsaWith('sha256', strange),
  'RS384 own': rsaWith('sha384', rsa),
  'RS512 own': rsaWith('sha512', rsa),
  'RS1 own': rsaWith('sha1', rsa),
  'PS256 own': (input) =>
    sign('sha256', Buffer.from(input), { key: rsa.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
  'RS256 own, of another token': () => rsaWith('sha256', rsa)('e30.e30'),
  'ES256 own': (input) => sign('sha256', Buffer.from(input), { key: curve.privateKey, dsaEncoding: 'ieee-p1363' }),
  'ES256 own, as DER': (input) => sign('sha256', Buffer.from(input), curve.privateKey),
  'ES256 of zeros': () => Buffer.alloc(64),
  'HS256 own': hmac(SECRET),
  'HS512 own': hmac(SECRET, 'sha512'),
  'HS256 public key as PEM': hmac(rsa.publicKey.export({ type: 'spki', format: 'pem' })),
  'HS256 public key as PEM of PKCS#1': hmac(rsa.publicKey.export({ type: 'pkcs1', format: 'pem' })),
  'HS256 public key as PEM, trimmed': hmac(String(rsa.publicKey.export({ type: 'spki', format: 'pem' })).trim()),
  'HS256 public key as DER': hmac(rsa.publicKey.export({ type: 'spki', format: 'der' })),
  'HS256 public key as JWK': hmac(JSON.stringify(rsa.publicKey.export({ format: 'jwk' }))),
  'HS256 elliptic public key as PEM': hmac(curve.publicKey.export({ type: 'spki', format: 'pem' })),
  'HS256 empty': hmac(''),
  'HS256 zero byte': hmac(Buffer.alloc(1)),
  'HS256 secret': hmac('secret'),
  'HS256 modulus': hmac(String(rsa.publicKey.export({ format: 'jwk' }).n)),
}

/** The head of the request of a case. `now`: seconds since 1970. */
export function tokenRequest(one: TokenCase, host: string, now: number): string {
  const fill = (text: string) =>
    text
      .replaceAll('{claims}', `"iss":"${ISSUER}","aud":"${AUDIENCE}","exp":${now + 300}`)
      .replaceAll('{issuer}', ISSUER)
      .replaceAll('{audience}', AUDIENCE)
      .replaceAll('{public-jwk}', JSON.stringify(strange.publicKey.export({ format: 'jwk' })))
      .replaceAll(/\{now([+-]\d+)\}/g, (_, seconds: string) => String(now + Number(seconds)))
      .replaceAll(/\{([^{}*]+)\*(\d{1,6})\}/g, (_, part: string, times: string) => part.repeat(Number(times)))
  const header = Buffer.from(fill(one.header)).toString('base64url')
  const payload = Buffer.from(fill(one.payload)).toString('base64url')
  const signer = SIGNERS[one.signer]
  if (signer === undefined) throw new Error(`case ${one.name}: no signer ${one.signer}`)
  const signature = signer(`${header}.${payload}`).toString('base64url')
  const token = fill(one.change)
    .replaceAll('{header}', header)
    .replaceAll('{payload}', payload)
    .replaceAll('{signature}', signature)
    .replaceAll('{signature as base64}', Buffer.from(signature, 'base64url').toString('base64'))
    .replaceAll('{signature, last bit changed}', lastBitChanged(signature))
    .replaceAll('{payload, last bit changed}', lastBitChanged(payload))
  const lines = one.send.map((line) => line.replaceAll('{token}', token))
  const target = lines.find((line) => line.startsWith('GET '))?.slice(4) ?? '/'
  return [`GET ${target} HTTP/1.1`, `Host: ${host}`, ...lines.filter((line) => !line.startsWith('GET ')), '', ''].join('\r\n')
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The same bytes in another text: the last character's lowest bit is none of them, where the length is no multiple of four characters. */
function lastBitChanged(text: string): string {
  const last = ALPHABET.indexOf(text.at(-1) ?? 'A')
  return text.slice(0, -1) + (ALPHABET[last ^ 1] ?? '')
}
