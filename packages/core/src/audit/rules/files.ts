import { evidenceOf, type Secret, show } from '../../evidence/index.ts'
import { formatAddress, formatAddressSet, rangeSet } from '../../network/index.ts'
import type { Policy } from '../../policy/index.ts'
import { environmentOfFile, FOR_TRIAL, isAddressName, makerOf, shellWord } from '../../systems/index.ts'
import type { AuditContext } from '../audit.ts'
import type { RuleId } from '../catalogue.ts'
import type { Finding, Severity } from '../finding.ts'
import { finding, stablePlace } from './words.ts'

/** What files alone show: secrets in git, firewall commands that cannot work, script parameters that are not what they seem. */
export function checkFiles({ evidence, policy }: AuditContext): readonly Finding[] {
  return [...secrets(evidence), ...firewallCommands(evidence, policy), ...scriptProblems(evidence)]
}

interface SecretWords {
  readonly rule: RuleId
  readonly severity: Severity
  say(name: string, path: string, other: string): string
  fix(name: string, path: string): string
}

/** What a person does about a value that keeps nobody out, by who makes the right one. */
function anew(verb: 'generate' | 'rotate', name: string, path: string): string {
  if (isAddressName(name))
    return 'put the address in its place that has the password of whoever answers there, and give that one of its own'
  const command = `sallyport keys ${verb} ${name}${path === '.env' ? '' : ` --file ${shellWord(path)}`}`
  const random = `put a random value of at least 32 bytes in its place (${command})`
  const maker = makerOf(name)
  switch (maker?.kind) {
    case 'issuer':
      return `put the value in its place that ${maker.who} makes: ${maker.where}`
    case 'store':
      return `${random}, and give the data store the new one too: it takes what it was set up with, whatever stands here`
    case 'own':
      return `${random}, and the same wherever it is known`
    case 'unknown':
    case undefined:
      return `${random} where it is the deployment’s own, and the same wherever it is known; else the value of whoever makes it`
    default:
      return maker satisfies never
  }
}

/** What a person is told of a secret that can be guessed. */
function weak(say: string): SecretWords {
  return {
    rule: 'secret-weak',
    severity: 'medium',
    say: (name, path) => `${name} in ${path} ${say}`,
    fix: (name, path) => anew('rotate', name, path),
  }
}

const SECRETS: Readonly<Record<Secret['problem'], SecretWords>> = {
  default: weak('is a default that everybody knows'),
  short: weak('is short enough to be guessed'),
  'low-entropy': weak('is easy to guess: its letters repeat or follow a rule'),
  repeated: {
    rule: 'secret-repeated',
    severity: 'medium',
    say: (name, path, other) => `${name} in ${path} is the same secret as ${other}`,
    fix: (name, path) => `make one for each use: for ${name} ${anew('rotate', name, path)}`,
  },
  committed: {
    rule: 'secret-committed',
    severity: 'high',
    say: (name, path) => `${path} is committed to git, and gives ${name} a value`,
    fix: () => 'take it out of git (git rm --cached), list it in .gitignore, and change every secret in it',
  },
  'committed-start': {
    rule: 'secret-committed',
    severity: 'high',
    say: (name, path) => `${path} is committed to git, and gives ${name} a value`,
    fix: (name) => `let a variable or a file that git ignores give ${name} its value, and change it: the history keeps this one`,
  },
  'not-ignored': {
    rule: 'secret-not-ignored',
    severity: 'medium',
    say: (name, path) => `${path} gives ${name} a value, and git does not ignore it`,
    fix: () => 'add it to .gitignore',
  },
  placeholder: {
    rule: 'secret-placeholder',
    severity: 'medium',
    say: (name, path) => `${name} in ${path} is still a placeholder`,
    fix: (name, path) => anew('generate', name, path),
  },
}

function secrets(evidence: AuditContext['evidence']): readonly Finding[] {
  return evidenceOf(evidence, 'secret').flatMap((item) => {
    const words = SECRETS[item.claim.problem]
    const isKnown = item.claim.problem === 'placeholder' || words.rule === 'secret-weak'
    // Tests need no secret that nobody knows.
    if (isKnown && (item.environment === 'test' || item.environment === 'e2e')) return []
    const path = item.origin.kind === 'file' ? item.origin.path : ''
    const { other } = item.claim
    const otherPlace = other === undefined ? '' : `${other.name}${other.origin.path === path ? '' : ` in ${other.origin.path}`}`
    return finding({
      rule: words.rule,
      severity: isKnown && item.environment === 'development' ? 'low' : severityOf(words.severity, item.claim, path),
      message: words.say(item.claim.name, path, otherPlace),
      places: [{ role: 'here', origin: item.origin }, ...(other === undefined ? [] : [{ role: 'and here', origin: other.origin }])],
      fix: words.fix(item.claim.name, path),
      changes: item.claim.problem === 'not-ignored' && path !== '' ? [{ change: 'ignore', path }] : [],
      key: `${path} ${item.claim.name}`,
    })
  })
}

/**
 * What git has of a secret weighs as much as the secret: one that anybody would try first gives nothing away, and in a file for trials
 * neither does a word. Where something is started a word is most often what a data store on the container network was set up with.
 */
function severityOf(severity: Severity, { problem, strength }: Secret, path: string): Severity {
  if (strength === undefined) return severity
  if (problem === 'committed-start') return strength === 'trivial' ? 'info' : 'low'
  return FOR_TRIAL.has(environmentOfFile(path) ?? '') ? 'low' : strength === 'trivial' ? 'medium' : severity
}

function firewallCommands(evidence: AuditContext['evidence'], policy: Policy | undefined): readonly Finding[] {
  return evidenceOf(evidence, 'firewall-command').flatMap((item): readonly Finding[] => {
    const { problem, tool } = item.claim
    const { origin } = item
    if (problem?.code !== 'host-name') return []
    return [
      finding({
        rule: 'firewall-host-name',
        severity: 'medium',
        message: `This ${tool} command names ${show(problem.word)} where an address is needed`,
        places: [{ role: 'called here', origin: item.origin }],
        fix: 'write the address or prefix',
        changes:
          origin.kind === 'file'
            ? addressesNamed(problem.word, policy).map((to) => ({ change: 'value', at: origin, from: problem.word, to }))
            : [],
        facts: [show(problem.explanation)],
        key: `${stablePlace(item.origin)} ${problem.word}`,
      }),
    ]
  })
}

/** The one prefix that the policy has under this very name: what a name resolves to is not asked. */
function addressesNamed(name: string, policy: Policy | undefined): readonly string[] {
  const ranges = policy?.sources.get(name)?.addresses.map(({ value }) => value) ?? []
  const hosts = policy?.hosts.get(name)?.addresses.map(({ value }) => formatAddress(value)) ?? []
  const found = [...formatAddressSet(rangeSet(ranges)), ...hosts]
  return found.length === 1 ? found : []
}

function scriptProblems(evidence: AuditContext['evidence']): readonly Finding[] {
  return evidenceOf(evidence, 'script-problem').map((item) => {
    const { word, explanation } = item.claim
    return finding({
      rule: 'script-host-name',
      severity: 'low',
      message: `A parameter of this script is named ${show(word)}, which PowerShell keeps for itself`,
      places: [{ role: 'named here', origin: item.origin }],
      fix: 'name it otherwise: $BindHost',
      changes: item.origin.kind === 'file' ? [{ change: 'rename', at: item.origin, from: word, to: '$BindHost' }] : [],
      facts: [show(explanation)],
      key: stablePlace(item.origin),
    })
  })
}
