import { isSecretName, isSecretOption } from './names.ts'

/** Files where a value without quotes runs to the end of its line, blanks or not. */
const LINE_VALUES = /(?:^|\/)(?:\.env[^/]*|[^/]*\.(?:env|ya?ml|ini|cfg|properties|toml))$/
const ASSIGNMENT = /^((?:[#;-]\s{0,8}|export\s{1,8}){0,4}["']?([A-Za-z_][\w.-]{0,127})["']?\s{0,8}[:=]\s{0,8})([^\s"'`$|>{[].*)$/

/** A line of a file, with the value of a secret's name left out where it runs to the end of the line; the rest is for `show`. */
export function redactLine(path: string, line: string): string {
  if (!LINE_VALUES.test(path) || line.length > LONGEST) return line
  const [, head = '', name = ''] = ASSIGNMENT.exec(line) ?? []
  return isSecretName(name) ? `${head}[redacted]` : line
}

/** Longer lines are not looked at with others: nobody writes a value of its own on one. */
const LONGEST = 512
/** A value is followed up over so many lines: a key of 4096 bits has 50. */
const MOST_LINES = 80

/** Users are looked for so many lines below the call. */
const MOST_USERS = 8

/** One value: quoted, of words, or of the signs that keys are written in. */
const VALUE = /^(?:[bBfFrRuU]{0,2}(["'`])(?:(?!\1)[^\\]|\\.)*\1|[^"'`=:{}()]+|[\w+/=]+)$/
const ENDS = /[,;)\]\\]{1,4}$/

/** A line that is one value and nothing else: a list's item, an array's text, a line of a block or of a key. In parts, since one pattern for all of it takes the cube of its blanks. */
function isValueOnly(line: string): boolean {
  const text = line.trim().replace(/^-\s+/, '')
  return VALUE.test(text) || VALUE.test(text.replace(ENDS, '').trimEnd())
}

/** A line that leaves its value to the next. */
const OPENS =
  /([A-Za-z_][\w.$-]{0,127})(?:["'`]|\]|\)){0,3}\s{0,16}(?:[:=]|=>|:=|\|\||\?\?|\+|(?<=["'`]),)\s{0,16}(?:[|>][+-]?\d?|[([\\{]|[bBfFrRuU]{0,2}["'`]{1,3})?\s{0,16}$/
const KEY_BEGINS = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/
const NAME_FIELD = /["']?(?:name|key)["']?\s{0,8}[:=]\s{0,8}["']?([A-Za-z_][\w.-]{0,127})["']?,?\s{0,8}$/i
const VALUE_FIELD = /^["']?(?:value|val|default)["']?\s{0,8}[:=]/i
const OPTION = /(?:^|[\s,[])["'`]?(--?[A-Za-z][\w-]{0,127})["'`]?,?\s{0,8}\\?$/

/** `users: { admin: '…' }`, and a line of it that has one user, among the options of express-basic-auth. */
const USERS = /^["']?users["']?\s{0,8}:\s{0,8}\{/
const USER = /^["']?[\w.@-]{1,64}["']?\s{0,8}:\s{0,8}["'`]/
const BASIC_AUTH = /basic[_-]?auth\w{0,16}\(/i

function isBasicUser(line: string, last: number, above: (number: number) => string): boolean {
  let isListed = USERS.test(line)
  if (!isListed && !USER.test(line)) return false
  for (let number = last; number > Math.max(0, last - MOST_USERS); number--) {
    const text = above(number).slice(0, LONGEST).trim()
    if (BASIC_AUTH.test(text)) return isListed || /\busers["']?\s{0,8}:\s{0,8}\{$/.test(text)
    if (text.startsWith('}')) return false
    if (USERS.test(text)) isListed ||= text.endsWith('{')
  }
  return false
}

/** Whether a line goes on with a secret that begins above it; `above` gives the text of a 1-based line. */
export function continuesSecret(line: string, last: number, above: (number: number) => string): boolean {
  if (last < 1 || line === '' || line.length > LONGEST) return false
  const before = above(last)
  if (before.length > LONGEST) return false
  if (VALUE_FIELD.test(line)) return isSecretName(NAME_FIELD.exec(before)?.[1] ?? '')
  if (isBasicUser(line, last, above)) return true
  if (!isValueOnly(line)) return false
  if (!line.replace(/^-\s{1,8}/, '').startsWith('-') && isSecretOption(OPTION.exec(before)?.[1] ?? '')) return true
  for (let number = last; number > 0 && number > last - MOST_LINES; number--) {
    const text = above(number)
    if (text.length > LONGEST) return false
    if (KEY_BEGINS.test(text)) return true
    const name = OPENS.exec(text)?.[1]
    // `secrets:` is a list of names in compose and elsewhere.
    if (name !== undefined && !/^["'`]?-/.test(text.trim()) && isSecretName(name)) return !/^secrets$/.test(name)
    if (text.trim() !== '' && !isValueOnly(text)) return false
  }
  return false
}
