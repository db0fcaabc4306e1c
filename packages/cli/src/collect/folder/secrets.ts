import { type Evidence, hasSecret, isSecretName, printable, Text } from '@sallyport/core/evidence'
import { type Context, evidenceIn } from '@sallyport/core/systems'
import type { Files } from '../snapshot.ts'
import type { Walk } from './walk.ts'

/** A real environment file, not the template that is meant to be committed. */
const ENV_FILE = /(?:^|\/)(?:\.env(?:\.[\w-]+)*|[\w-]+\.env)$/
const TEMPLATE = /(?:example|sample|template|dist|defaults?|test|ci)$/i

/** Environment files that git tracks or would take up with the next `git add` (M16). Only where the folder is a git work tree. */
export function secretsInGit(context: Context, files: Files, walk: Walk): readonly Evidence[] {
  if (walk.tracked === undefined) return []
  const { tracked, ignored } = walk
  return walk.paths
    .filter((path) => ENV_FILE.test(path) && !TEMPLATE.test(path) && !ignored.has(path))
    .flatMap((path) => {
      const state = files.load(path)
      if (state.kind !== 'text') return []
      const text = new Text(printable(path), state.text)
      const secret = firstSecret(text)
      if (secret === undefined) return []
      const problem = tracked.has(path) ? 'committed' : 'not-ignored'
      return [evidenceIn(context, { claim: 'secret', name: secret.name, problem }, text.lineOrigin(secret.line))]
    })
}

/** The first line that gives a secret a value of its own. */
function firstSecret(text: Text): { readonly name: string; readonly line: number } | undefined {
  for (const [index] of text.lineStarts.entries()) {
    const match = /^\s{0,64}(?:export\s{1,8})?([A-Za-z_][A-Za-z0-9_]{0,127})\s{0,8}=\s{0,8}(.*)$/.exec(text.line(index + 1))
    const name = match?.[1]
    const value = (match?.[2] ?? '').replace(/^["']|["']\s*$/g, '').trim()
    if (name !== undefined && isSecretName(name) && isValue(value)) return { name, line: index + 1 }
  }
  return undefined
}

/** Not empty, not taken from elsewhere, not what a person is to put a value in place of. */
const NO_VALUE =
  /^(?:$|#|\$[\w({]|(?:your|my)[-_ ]|<[^>]*>$|[*x.]{3,}$|change[-_ ]?me|replace[-_ ]?(?:me|with)|.*[-_ ](?:here|placeholder)$)/i

/** An address of a database without a password is no secret, whatever it is called. */
function isValue(value: string): boolean {
  return !NO_VALUE.test(value) && (!/^[a-z][a-z0-9+.-]*:\/\//i.test(value) || hasSecret(value))
}
