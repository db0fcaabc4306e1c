import { cut, holeFor, isLiteral, type Template } from './template.ts'

/**
 * What an option of a program means for where it listens.
 * - `host`, `port`, `endpoint` (host:port): its value; the last one counts
 * - `hosts`: addresses separated by commas or blanks; `host-words`: by being words of their own, up to the next option
 * - `endpoint-or-default`: the same where it is attached with `=`, and nothing where it is not
 * - `endpoints`, `udp-endpoints`: host:port, each further one adds
 * - `descriptions`: endpoints in Twisted's words (`tcp:8000:interface=127.0.0.1`), beside what the others give
 * - `everywhere`: binds every address; `host-or-everywhere`: the same when no value follows
 * - `elsewhere`: a Unix socket or an inherited descriptor takes the place of the port
 * - `ipv6`: the default address becomes ::1
 * - `setting`: `name=value`, which is the option `--name`
 * - `configuration`, `environment-file`, `directory`, `module-path`: a file or directory
 * - `environment-name`: `.env` files of that name; `assignment`: `NAME=value`
 * - `profiles`: environments by their names, of a file that has several (`profile-file`)
 * - `files-win`: variables of files hold over those that are set; `files-yield`: they do not
 * - `clear-environment`: drops all variables; `unset`: drops the one of that name
 * - `keeps-environment`: of a program that drops them: keeps all, or those whose names are attached; `kept-variables`: those names
 * - `property`: of a systemd unit
 * - `application`: a Python module or file that it loads
 * - `inspect`: a debugger's endpoint, attached with `=` or left out; `inspect-address`: where it is, should it be opened
 * - `command`: a whole command in one word; `script`, `workspace`: names of package.json; `module`: what `python -m` takes
 * - `value`: takes a value, `switch`: takes none, neither matters
 */
export type Role =
  | 'host'
  | 'hosts'
  | 'host-words'
  | 'port'
  | 'endpoint'
  | 'endpoint-or-default'
  | 'endpoints'
  | 'udp-endpoints'
  | 'descriptions'
  | 'everywhere'
  | 'host-or-everywhere'
  | 'elsewhere'
  | 'ipv6'
  | 'setting'
  | 'configuration'
  | 'environment-file'
  | 'environment-name'
  | 'assignment'
  | 'profiles'
  | 'profile-file'
  | 'files-win'
  | 'files-yield'
  | 'clear-environment'
  | 'unset'
  | 'keeps-environment'
  | 'kept-variables'
  | 'property'
  | 'directory'
  | 'module-path'
  | 'application'
  | 'inspect'
  | 'inspect-address'
  | 'command'
  | 'script'
  | 'workspace'
  | 'module'
  | 'value'
  | 'switch'

/** By the option as it is written: `--host`, `-b`, `-listen`. */
export type Options = Readonly<Record<string, Role>>

/**
 * How a long option has its value, where a program does not take both `--name value` and `--name=value`: what is written in the other form
 * it refuses, or passes by.
 */
export type ValueForm = 'attached' | 'separate'

export interface Syntax {
  readonly options: Options
  readonly valueForm?: ValueForm
  /** The beginning of a long option's name, which no other one has, is taken for it (argparse, getopt_long(3), OptionParser). */
  readonly abbreviates?: true
  /** What an option that is not listed is taken for. It never takes a word that starts with `-`. */
  readonly unlisted: 'value' | 'switch'
  /** Options end at the first word that is none: what follows belongs to another program. */
  readonly stopsAtPositional?: boolean
}

export interface Given {
  readonly name: string
  readonly role: Role
  /** Absent where no value was given. */
  readonly value?: Template
  readonly template: Template
}

export interface Parsed {
  readonly given: readonly Given[]
  readonly positionals: readonly Template[]
  /** What follows `--`, or the first positional word where options stop there (that word included). */
  readonly rest: readonly Template[]
}

const WITHOUT_VALUE: ReadonlySet<Role> = new Set<Role>([
  'everywhere',
  'ipv6',
  'inspect',
  'endpoint-or-default',
  'switch',
  'clear-environment',
  'keeps-environment',
  'files-win',
  'files-yield',
])

/** The role of the options that begin so, where it is the same for all. Where a program has others that do, it does not start. */
function beginningOf(name: string, { options, abbreviates }: Syntax): Role | undefined {
  if (abbreviates !== true || name.length < 4) return undefined
  const roles = new Set(Object.entries(options).flatMap(([option, role]) => (option.startsWith(name) ? [role] : [])))
  const [role] = roles
  return roles.size === 1 ? role : undefined
}

/** Whatever the form is, nothing hangs on the value; what follows `-c` has no form of its own. */
const ANY_FORM: ReadonlySet<Role> = new Set<Role>(['value', 'setting'])

/** Reads options in the forms `--name value`, `--name=value`, `-n value`, `-nvalue`, `-abc`. Linear in the words. */
export function parseOptions(words: readonly Template[], syntax: Syntax): Parsed {
  const given: Given[] = []
  const positionals: Template[] = []
  let index = 0
  const roleOf = (name: string): Role | undefined => (Object.hasOwn(syntax.options, name) ? syntax.options[name] : undefined)
  const next = (role: Role | undefined): Template | undefined => {
    const word = words[index]
    if (word === undefined || (word.text.startsWith('-') && (role === undefined || looksLikeOption(word.text, roleOf)))) return undefined
    index++
    return word
  }
  const take = (name: string, role: Role, template: Template, attached: string | undefined): void => {
    const isFormed = name.startsWith('--') && !WITHOUT_VALUE.has(role) && !ANY_FORM.has(role)
    if (isFormed && syntax.valueForm !== undefined && (attached === undefined) === (syntax.valueForm === 'attached'))
      return void given.push({ name, role, value: misread(name, syntax.valueForm, template), template })
    if (role === 'host-words') {
      const start = index
      if (attached === undefined) while (index < words.length && words[index]?.text.startsWith('--') === false) index++
      const values = attached === undefined ? words.slice(start, index) : [cut(template, attached)]
      given.push(...values.map((value) => ({ name, role, value, template })))
      return
    }
    const value = attached !== undefined ? cut(template, attached) : WITHOUT_VALUE.has(role) ? undefined : next(role)
    if (role === 'setting' && value !== undefined) return setting(value, template)
    given.push({ name, role, ...(value === undefined ? {} : { value }), template })
  }
  const setting = (value: Template, template: Template): void => {
    const equals = value.text.indexOf('=')
    const name = `--${value.text.slice(0, equals).replaceAll('_', '-')}`
    const role = roleOf(name)
    if (equals > 0 && role !== undefined) take(name, role, template, value.text.slice(equals + 1))
  }
  while (index < words.length) {
    const template = words[index++]
    if (template === undefined) break
    const { text } = template
    if (text === '--') return { given, positionals, rest: words.slice(index) }
    if (!text.startsWith('-') || text === '-') {
      if (syntax.stopsAtPositional === true) return { given, positionals, rest: words.slice(index - 1) }
      positionals.push(template)
      continue
    }
    const equals = text.indexOf('=')
    const name = equals < 0 ? text : text.slice(0, equals)
    const attached = equals < 0 ? undefined : text.slice(equals + 1)
    const role = roleOf(name) ?? (name.startsWith('--') ? (roleOf(name.replaceAll('_', '-')) ?? beginningOf(name, syntax)) : undefined)
    if (role !== undefined) take(name, role, template, attached)
    else if (text.startsWith('--')) take(name, syntax.unlisted, template, attached ?? (syntax.unlisted === 'value' ? undefined : ''))
    else cluster(template, text, roleOf, take, syntax.unlisted)
    // `python -m MODULE`: what follows is the module's.
    if (given.at(-1)?.role === 'module') return { given, positionals, rest: words.slice(index) }
  }
  return { given, positionals, rest: [] }
}

/** The value of an option that the program does not take in that form: nobody knows what it does then. */
function misread(name: string, form: ValueForm, { origin }: Template): Template {
  const reason = form === 'attached' ? `${name} takes its value behind \`=\` only` : `${name} takes its value as the next word only`
  return holeFor({ kind: 'unknown', reason, origin }, origin)
}

/** `-p8000`, `-wp 8000`: letters up to the first that takes a value. */
function cluster(
  template: Template,
  text: string,
  roleOf: (name: string) => Role | undefined,
  take: (name: string, role: Role, template: Template, attached: string | undefined) => void,
  unlisted: Role,
): void {
  for (let at = 1; at < text.length; at++) {
    const name = `-${text[at]}`
    const role = roleOf(name)
    const last = at === text.length - 1
    if (role === undefined && at === 1) return last ? take(name, unlisted, template, undefined) : undefined
    if (role === undefined) return
    if (WITHOUT_VALUE.has(role)) take(name, role, template, undefined)
    else return take(name, role, template, last ? undefined : text.slice(at + 1))
  }
}

function looksLikeOption(text: string, roleOf: (name: string) => Role | undefined): boolean {
  if (!isLiteral(text)) return false
  const name = text.split('=', 1)[0] ?? ''
  return roleOf(name) !== undefined || (text.startsWith('--') && text.length > 2) || /^-[A-Za-z]$/.test(text)
}

/** The last value given under a role. */
export function lastOf(given: readonly Given[], ...roles: readonly Role[]): Given | undefined {
  return given.findLast((option) => roles.includes(option.role))
}

/** Every value given under a role. */
export function allOf(given: readonly Given[], role: Role): readonly Template[] {
  return given.flatMap((option) => (option.role === role && option.value !== undefined ? [option.value] : []))
}
