import { type AwsModel, descriptionOf, isGroupId, type SecurityGroup } from '../aws/index.ts'
import { Unique } from '../aws/names.ts'
import { type Plan, seenText, wantedText } from '../aws/plan.ts'
import type { Host, HostName } from '../../policy/policy.ts'
import { type FUNCTIONS, MOVERS } from './functions.ts'
import { seenPermission, wantedPermission } from './permissions.ts'
import { comment, jsonWord, Variable, variableName } from './shell.ts'
import { shellWord } from '../shell-word.ts'

/** A part of the script, what it uses of the functions, and what it takes from its environment. */
export interface Section {
  readonly title: string
  readonly text: string
  readonly uses: readonly (keyof typeof FUNCTIONS)[]
  /** Name → what it is, or a value that stands where the environment has none. */
  readonly variables: ReadonlyMap<string, { readonly meaning: string } | { readonly value: string }>
}

const section = (title: string, text: string, uses: Section['uses'], variables: Section['variables'] = new Map()): Section => ({
  title,
  text,
  uses,
  variables,
})

/** Everything about groups. In this order: whoever is let in is let in before anything is taken away, so that a failure half-way locks nobody out. */
export function groupSections(model: AwsModel, hosts: ReadonlyMap<HostName, Host>, plan: Plan | undefined): readonly Section[] {
  const ids = new Ids(model, plan)
  return [ids.section(), authorise(model, ids, plan), move(model, hosts, ids), revoke(ids, plan)].filter(({ text }) => text !== '')
}

/** By what each group is known to the commands: an id that is known, or a variable that the script sets. */
class Ids {
  readonly #known = new Map<string, string | Variable>()
  readonly #lines: string[] = []
  readonly #uses: (keyof typeof FUNCTIONS)[] = []
  readonly #variables: Section['variables']

  constructor({ groups, splits }: AwsModel, plan: Plan | undefined) {
    const names = new Unique('_')
    const there = new Map(plan?.groups.map((each) => [each.group.name, each.there]))
    for (const [name, seen] of plan?.shared ?? []) this.#known.set(name, seen.id)
    for (const { name } of groups) {
      const id = isGroupId(name) ? name : there.get(name)?.id
      if (id === undefined) this.#look(name, names, 'group', descriptionOf(name))
      else this.#known.set(name, id)
    }
    for (const { group } of splits) {
      if (this.#known.has(group)) continue
      if (isGroupId(group)) this.#known.set(group, group)
      else this.#look(group, names, 'known')
    }
    const vpcs = new Set(plan?.groups.flatMap((each) => each.there?.vpc ?? []))
    for (const { vpc } of plan?.shared.values() ?? []) if (vpc !== undefined) vpcs.add(vpc)
    const [vpc] = vpcs
    const meant =
      vpcs.size === 1 && vpc !== undefined && /^vpc-[0-9a-z]+$/.test(vpc)
        ? { value: vpc }
        : { meaning: 'the VPC of the security groups, vpc-…' }
    this.#variables = new Map(this.#uses.length === 0 ? [] : [['VPC_ID', meant]])
  }

  #look(name: string, names: Unique, by: 'group' | 'known', description?: string): void {
    const variable = names.take(variableName(name))
    this.#lines.push(`${variable}=$(${[by, shellWord(name), ...(description === undefined ? [] : [shellWord(description)])].join(' ')})\n`)
    this.#uses.push(by)
    this.#known.set(name, new Variable(variable))
  }

  of(name: string): string | Variable {
    return this.#known.get(name) ?? name
  }

  /** As a word of a command. */
  wordOf(name: string): string {
    const id = this.of(name)
    return id instanceof Variable ? `"$${id.name}"` : shellWord(id)
  }

  section(): Section {
    return section('The groups', this.#lines.join(''), this.#uses, this.#variables)
  }
}

function authorise({ groups }: AwsModel, ids: Ids, plan: Plan | undefined): Section {
  const missing = new Map(plan?.groups.map((each) => [each.group.name, each.authorise]))
  const lines = groups.flatMap((group: SecurityGroup) =>
    (missing.get(group.name) ?? group.rules).map(
      (rule) =>
        comment(`${group.name}: ${wantedText(rule)}`) +
        `authorise ${ids.wordOf(group.name)} ${jsonWord(wantedPermission(rule, (name) => ids.of(name)))}\n`,
    ),
  )
  return section('What is let in', lines.join(''), lines.length === 0 ? [] : ['unlessThere', 'authorise'])
}

/**
 * Hosts out of the group that several roles share, each into that of its own role: first all of them into the new groups too, so that nobody who
 * is known by the old one is kept out meanwhile.
 */
function move({ splits }: AwsModel, hosts: ReadonlyMap<HostName, Host>, ids: Ids): Section {
  const moves = splits.flatMap((split) =>
    split.into.flatMap((into) => into.hosts.map((host) => ({ host, from: split.group, to: into.name }))),
  )
  const variables = new Map<string, { readonly meaning: string }>()
  const change = (name: HostName, what: string, list: string): string => {
    const host = hosts.get(name)
    const kind = host?.managed ?? 'machine'
    const given = kind === 'machine' ? host?.aws.instance : host?.aws.identifier
    const variable = variableName(`${name}_${kind === 'machine' ? 'instance' : 'identifier'}`).toUpperCase()
    if (given === undefined)
      variables.set(variable, { meaning: kind === 'machine' ? `the id of the instance ${name}, i-…` : `the identifier of ${name}` })
    const id = given === undefined ? `"$${variable}"` : shellWord(given)
    return (
      comment(what) +
      `was=$(${MOVERS[kind].list(id)})\n` +
      '# shellcheck disable=SC2086  # a list of words\n' +
      `becomes=$(${list} $was)\n` +
      '# shellcheck disable=SC2086  # a list of words\n' +
      `${MOVERS[kind].replace(id)} $becomes\n`
    )
  }
  const text = [
    ...moves.map(({ host, to }) => change(host, `${host}: into ${to} too`, `plus ${ids.wordOf(to)}`)),
    ...moves.map(({ host, from }) => change(host, `${host}: out of ${from}`, `minus ${ids.wordOf(from)}`)),
    ...splits.map(({ group }) =>
      comment(`${group}: once nothing else is in it: aws ec2 delete-security-group --group-id ${commented(ids.of(group))}`),
    ),
  ]
  return section('Each role into its own group', text.join(''), text.length === 0 ? [] : ['plus', 'minus'], variables)
}

const commented = (id: string | Variable): string => (id instanceof Variable ? `"$${id.name}"` : id)

function revoke(ids: Ids, plan: Plan | undefined): Section {
  const lines = (plan?.groups ?? []).flatMap(({ group, revoke: rules, left }) => [
    ...rules.map(
      (rule) =>
        comment(`${group.name}: ${seenText(rule)}${rule.description === undefined ? '' : ` (${rule.description})`}`) +
        `revoke ${ids.wordOf(group.name)} ${jsonWord(seenPermission(rule))}\n`,
    ),
    ...left.map(({ rule, why }) => comment(`${group.name}: ${seenText(rule)} is left as it is: ${why}`)),
  ])
  const revokes = plan?.groups.some((each) => each.revoke.length > 0) === true
  return section('What no service needs', lines.join(''), revokes ? ['unlessThere', 'revoke'] : [])
}
