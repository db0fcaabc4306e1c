import { basename } from 'node:path'
import {
  type Evidence,
  evidenceOf,
  type FileOrigin,
  hasSecret,
  isSecretName,
  printable,
  type Secret,
  type Setting,
  Text,
} from '@sallyport/core/evidence'
import { type Context, evidenceIn, FOR_TRIAL, ignores, isTestPath, judgeSecrets, type Strength, strengthOf } from '@sallyport/core/systems'
import type { Files } from '../snapshot.ts'
import type { Walk } from './walk.ts'

/** A real environment file, not the template that is meant to be committed. */
const ENV_FILE = /(?:^|\/)(?:\.env(?:\.[\w-]+)*|[\w-]+\.env)$/
const TEMPLATE = /(?:example|sample|template|dist|defaults?|test|ci)$/i

/** Environment files that git tracks or would take up with the next `git add` (M16). Only where the folder is a git work tree. */
export function secretsInGit(context: Context, files: Files, walk: Walk): readonly Evidence[] {
  if (walk.tracked === undefined) return []
  const { tracked, ignored } = walk
  const rules = files.load('.gitignore')
  // Git was asked of the rules that are on the disk.
  const isIgnored = (path: string): boolean =>
    ignored.has(path) || (!tracked.has(path) && rules.kind === 'text' && ignores(rules.text, path))
  return walk.paths
    .filter((path) => ENV_FILE.test(path) && !TEMPLATE.test(path) && !isIgnored(path))
    .flatMap((path) => {
      const state = files.load(path)
      if (state.kind !== 'text') return []
      const text = new Text(printable(path), state.text)
      const secret = strongestSecret(text)
      if (secret === undefined) return []
      const { name, line, strength } = secret
      const problem = tracked.has(path) ? 'committed' : 'not-ignored'
      const claim: Secret = { claim: 'secret', name, problem, ...(strength === 'random' ? {} : { strength }) }
      return [evidenceIn(context, claim, text.lineOrigin(line))]
    })
}

/** Secrets that can be guessed, and such as have two uses (M10); whether git has them or not. */
export function secretProblems(context: Context, files: Files, walk: Walk): readonly Evidence[] {
  const texts = walk.paths
    .filter((path) => ENV_FILE.test(path) && !TEMPLATE.test(path))
    .flatMap((path) => {
      const state = files.load(path)
      return state.kind === 'text' ? [new Text(printable(path), state.text)] : []
    })
  return judgeSecrets(texts).flatMap(({ name, origin, environment, ...item }): readonly Evidence[] => {
    const problem = item.problem === 'weak' ? item.weakness : item.problem
    // What the reader of these files tells already.
    if (problem === 'placeholder') return []
    const other = item.problem === 'repeated' ? { other: item.with } : {}
    return [evidenceIn(context, { claim: 'secret', name, problem, ...other }, origin, environment)]
  })
}

/**
 * Of each committed file that starts something (PM2, compose, systemd, scripts) the secret that it sets as it stands and whose value says
 * most. What is for trials is given words everywhere, and is left.
 */
export function secretsOfStarts(context: Context, files: Files, walk: Walk, evidence: readonly Evidence[]): readonly Evidence[] {
  const { tracked } = walk
  if (tracked === undefined) return []
  const found = new Map<string, { readonly strength: Strength; readonly evidence: Evidence }>()
  for (const { claim, environment } of evidenceOf(evidence, 'launch'))
    for (const [name, setting] of claim.environment) {
      const origin = isSecretName(name) ? originOf(setting) : undefined
      // What a file of variables holds is told of that file.
      if (origin === undefined || !tracked.has(origin.path) || ENV_FILE.test(origin.path)) continue
      const state = files.load(origin.path)
      const written = state.kind === 'text' ? state.text.slice(origin.span.start.offset, origin.span.end.offset) : ''
      const strength = strengthOfLiteral(written, origin.path)
      const before = found.get(origin.path)
      if (strength === undefined || (before !== undefined && !isStronger(strength, before.strength))) continue
      if (strength !== 'random' && isForTrial(origin.path, environment)) continue
      const claimed: Secret = { claim: 'secret', name, problem: 'committed-start', ...(strength === 'random' ? {} : { strength }) }
      found.set(origin.path, { strength, evidence: evidenceIn(context, claimed, origin) })
    }
  return [...found.values()].map((item) => item.evidence)
}

/** In programs a word without quotes is a name of theirs. */
const CODE = /\.(?:[cm]?[jt]sx?|py|json)$/

/** `'…'`, `NAME: …`, `NAME=…`; of an address what stands for the password. `undefined`: it is looked up elsewhere, or no secret as it stands. */
function strengthOfLiteral(written: string, path: string): Strength | undefined {
  const given = written.replace(/^(["']?)\w{1,128}\1\s{0,8}[:=]\s{0,8}(?=[^\s=])/, '')
  const value = given.replace(/^(["'`])(.*)\1$/, '$2')
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^:@/]*:([^@]*)@/i.exec(value)?.[1] ?? value
  if (/[\s${}]/.test(password)) return undefined
  if (password.length >= SHORTEST && hasSecret(password)) return 'random'
  const isWord = isValue(value) && !NO_WORD.test(password) && (value !== given || !CODE.test(path))
  if (!isWord) return undefined
  return strengthOf(password) === 'trivial' ? 'trivial' : 'chosen'
}

/** In UTF-16 code units. */
const SHORTEST = 16

/** What is told of a secret and is none (`ALLOW_EMPTY_PASSWORD=yes`), where one is, and what code calls or looks up. */
const NO_WORD = /^(?:|yes|no|on|off|true|false|none|null|undefined|nil|[0-9]{1,3}|[a-z][a-z0-9+.-]*:\/\/.*|~?\.{0,2}\/.*)$|[()[\]`]/i

/** A start that is for tests or for work on the code, and a template of one. */
function isForTrial(path: string, environment: string | undefined): boolean {
  return FOR_TRIAL.has(environment ?? '') || isTestPath(path) || TEMPLATE_WORD.test(basename(path))
}

const TEMPLATE_WORD = /(?:^|[._-])(?:example|sample|template|tmpl|tpl|dist)(?:[._-]|$)/i

function originOf({ value, origin }: Setting): FileOrigin {
  return value.kind === 'unknown' || value.kind === 'known' ? value.origin : origin
}

interface GivenSecret {
  readonly name: string
  readonly line: number
  readonly strength: Strength
}

const STRENGTHS: readonly Strength[] = ['trivial', 'chosen', 'random']

function isStronger(one: Strength, other: Strength): boolean {
  return STRENGTHS.indexOf(one) > STRENGTHS.indexOf(other)
}

/** The first line that gives a secret a value of its own, of those whose value says most. */
function strongestSecret(text: Text): GivenSecret | undefined {
  let strongest: GivenSecret | undefined
  for (const [index] of text.lineStarts.entries()) {
    const match = /^\s{0,64}(?:export\s{1,8})?([A-Za-z_][A-Za-z0-9_]{0,127})\s{0,8}=\s{0,8}(.*)$/.exec(text.line(index + 1))
    const name = match?.[1]
    const value = (match?.[2] ?? '').replace(/^["']|["']\s*$/g, '').trim()
    if (name === undefined || !isSecretName(name) || !isValue(value)) continue
    const strength = strengthOf(value)
    if (strength === 'random') return { name, line: index + 1, strength }
    if (strongest === undefined || isStronger(strength, strongest.strength)) strongest = { name, line: index + 1, strength }
  }
  return strongest
}

/** Not empty, not taken from elsewhere, not what a person is to put a value in place of. */
const NO_VALUE =
  /^(?:$|#|\$[\w({]|(?:your|my)[-_ ]|<[^>]*>$|[*x.]{3,}$|change[-_ ]?me|replace[-_ ]?(?:me|with)|.*[-_ ](?:here|placeholder)$)/i

/** An address of a database without a password is no secret, whatever it is called. */
function isValue(value: string): boolean {
  return !NO_VALUE.test(value) && (!/^[a-z][a-z0-9+.-]*:\/\//i.test(value) || hasSecret(value))
}
