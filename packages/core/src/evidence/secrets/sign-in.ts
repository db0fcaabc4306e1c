import { PLAIN_VALUE } from './names.ts'
import type { TextRange } from './ranges.ts'

/** Passwords that code signs in with, or asks for, which no name tells: their place in a call or in a list of users does. */

/** A user and a password: `auth("admin", "…")`, `auth=("admin", "…")`, `login: ['admin', '…']`, `auth=[("admin", "…")]`, `basic_auth 'admin', '…'`. */
const USER_AND_PASSWORD =
  /(?:auth|authenticate|log_?in|sign_?in|credentials?)["'`]?(?:\s{0,4}[:=]?\s{0,4}[([]\s{0,8}(?:[([]\s{0,8})?|\s{1,4})(["'`])[^"'`\n]{0,128}\1\s{0,8},\s{0,8}(["'`])(?=[^/"'`\n])([^"'`\n]{1,256})\2/gi

/** A quick look: without this nothing signs in. */
const MAY_SIGN_IN = /auth|log_?in|sign_?in|credential|users|accounts|connect|sequelize|redis|twilio|asterisk|ami|basic|plainauth/i

/** Calls that take a password by its place, from 0, as their documentation gives it. */
const CALLS: readonly RegExp[] = [
  // discord.js Client.login(token), node-redis and ioredis client.auth(password)
  call(String.raw`\w{1,64}\.(?:login|auth)`, 0, String.raw`\s{0,8}\)`),
  // smtplib SMTP.login(user, password), imaplib and ftplib likewise
  call(String.raw`\w{1,64}\.login`, 1),
  call('new Sequelize', 2),
  call(String.raw`(?:pymysql|MySQLdb|mysql\.connector|mariadb|aiomysql)\.connect`, 2),
  // net/smtp PlainAuth(identity, username, password, host)
  call('PlainAuth', 2),
  // redis-py Redis(host, port, db, password)
  call('Redis', 3),
  call('twilio', 1),
  // asterisk-manager(port, host, username, password), asterisk-ami-client likewise
  call(String.raw`(?:asterisk-manager["'\`]\)|AsteriskManager|AmiClient)`, 3),
]

function call(name: string, index: number, behind = ''): RegExp {
  const word = String.raw`(?:"[^"\n]{0,200}"|'[^'\n]{0,200}'|[^,()"'\n]{0,200}),\s{0,8}`
  return new RegExp(String.raw`(?<!\w)${name}\(\s{0,8}(?:${word}){${index}}(["'\`])([^"'\`\n]{1,256})\1${behind}`, 'g')
}

/** Basic authentication (RFC 7617), by name: `basicAuth(`, `basic_auth`, `'Basic ' + …`. */
const BASIC = /basic(?:[ _-]?auth|\s?["'`]|\s\$\{)/i
/** Users with their passwords: `users: { 'admin': '…' }` (express-basic-auth), `gin.Accounts{"admin": "…"}`. */
const USERS = /\b(?:users|accounts|credentials|logins)["']?(?:\s{0,8}[:=]\s{0,8})?\{([^{}\n]{1,512})\}?/gi
const USER = /([\w$@."'-]{1,64})\s{0,8}:\s{0,8}(["'`])([^"'`\n]{1,256})\2/g
/** What one user is described by, and no user is called. */
const FIELD = /^["']?(?:id|name|user(?:name)?|email|role|type|title|label|table|model|path|url|host|file|status|locale|icon)["']?$/i
/** What users may do, where nothing says that they sign in. */
const ROLE = /^(?:admin(?:istrator)?|user|editor|viewer|owner|guest|member|reader|writer|operator|moderator)$/i
/** The text that is encoded: `Buffer.from('user:…')`, `btoa('user:…')`, `b64encode(b"user:…")`. */
const ENCODED =
  /(?:\bBuffer\.from|\bnew Buffer|\bbtoa|b64encode|base64_encode|\.encode\w{0,16})\(\s{0,8}b?(["'`])([^"'`:\s]{1,64}:)([^"'`:\n]{1,256})\1/gi

/** Where a text has such passwords. */
export function signsIn(text: string): readonly TextRange[] {
  if (!MAY_SIGN_IN.test(text)) return []
  const pairs = [...text.matchAll(USER_AND_PASSWORD)].map((match) => passwordAtEnd(match[3], match.index + match[0].length))
  const calls = CALLS.flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => passwordAtEnd(match[2], match.index + match[0].replace(/\s{0,8}\)$/, '').length)),
  )
  const isBasic = BASIC.test(text)
  const users = [...text.matchAll(USERS)].flatMap((list) =>
    [...list[0].matchAll(USER)].map((user) =>
      FIELD.test(user[1] ?? '') || (!isBasic && ROLE.test(user[3] ?? ''))
        ? undefined
        : passwordAtEnd(user[3], list.index + user.index + user[0].length),
    ),
  )
  const encoded = isBasic ? [...text.matchAll(ENCODED)].map((match) => passwordAtEnd(match[3], match.index + match[0].length)) : []
  return [...pairs, ...calls, ...users, ...encoded].flatMap((range) => range ?? [])
}

/** A password whose closing quote ends at `end`; none where it is a variable or a word that says what belongs there. */
function passwordAtEnd(password: string | undefined, end: number): TextRange | undefined {
  if (password === undefined || PLAIN_VALUE.test(password) || password.startsWith('${')) return undefined
  return { start: end - 1 - password.length, end: end - 1 }
}
