import type { Policy } from '../../policy/policy.ts'
import { readSecurityGroups } from '../aws/describe.ts'
import { type AwsModel, awsModel, GROUPS_COST } from '../aws/index.ts'
import { differencesOf, type Plan, planOf } from '../aws/plan.ts'
import type { FileState } from '../system.ts'
import type { Difference, Planned, WriteOptions, Writer, Written, WrittenFile } from '../write.ts'
import { FUNCTIONS } from './functions.ts'
import { groupSections, type Section } from './groups.ts'
import { alarmSection, bucketSection } from './others.ts'
import { comment } from './shell.ts'

const FILE = 'sallyport.aws.sh'

/** Without what is there, nothing is revoked: what is exactly to go is not known. */
function write(policy: Policy, options: WriteOptions): Written {
  const made = awsModel(policy, options)
  if (made.kind === 'refused') return made
  const { model } = made
  const vague = vagueName(model, new Set())
  if (vague !== undefined) return vague
  return {
    kind: 'written',
    files: [file(script(model, groupSections(model, policy.hosts, undefined)))],
    notes: [
      ...model.notes,
      'what else the groups let in is not known and not revoked: save what aws ec2 describe-security-groups prints, and name it with --there',
    ],
  }
}

/** Exactly what there is too much, and what is missing, of the groups; that of buckets and alarms is set whole. */
function plan(policy: Policy, described: string, options: WriteOptions): Planned {
  const made = awsModel(policy, options)
  if (made.kind === 'refused') return made
  const { model } = made
  const read = readSecurityGroups(described)
  if (read === undefined)
    return {
      kind: 'refused',
      why: 'this is not what aws ec2 describe-security-groups prints',
      next: 'save that as JSON: aws ec2 describe-security-groups --output json',
    }
  const planned = planOf(model, read)
  // A plan on what was not understood could revoke the wrong rule, or miss one.
  const [problem] = planned.problems
  if (problem !== undefined)
    return { kind: 'refused', why: `what is there is not understood: ${problem}`, next: 'correct that, or change these groups by hand' }
  const known = planned.groups.flatMap(({ group, there }) => (there === undefined ? [] : [group.name]))
  const vague = vagueName(model, new Set([...known, ...planned.shared.keys()]))
  if (vague !== undefined) return vague
  const notes = [...model.notes, ...unattached(planned), summary(planned)]
  return {
    kind: 'written',
    files: [file(script(model, groupSections(model, policy.hosts, planned)))],
    notes,
    differences: differencesOf(planned),
  }
}

/** By its name a group is found with a filter, which takes `*` for any text and a comma for the next value: that could be a group of others. */
function vagueName({ groups, splits }: AwsModel, known: ReadonlySet<string>): Extract<Written, { readonly kind: 'refused' }> | undefined {
  const names = [...groups.map(({ name }) => name), ...splits.map(({ group }) => group)]
  const name = names.find((each) => /[*,]/.test(each) && !known.has(each))
  if (name === undefined) return undefined
  return {
    kind: 'refused',
    why: `the commands would take the * or comma in ${name} for other groups’ names too`,
    next: 'write the id of the group into the policy (sg-…), or name it otherwise',
  }
}

function summary({ groups, shared }: Plan): string {
  const count = (rules: (plan: Plan['groups'][number]) => readonly unknown[]): number =>
    groups.reduce((sum, each) => sum + rules(each).length, 0)
  const created = groups.filter(({ there }) => there === undefined).length
  const parts = [
    `groups made: ${created}`,
    `rules authorised: ${count(({ authorise }) => authorise)}`,
    `revoked: ${count(({ revoke }) => revoke)}`,
    `kept: ${count(({ keep }) => keep)}`,
    ...(shared.size > 0 ? [`groups no longer shared: ${shared.size}`] : []),
  ]
  return `the plan: ${parts.join(', ')}; ${GROUPS_COST}`
}

/** A group that has just been made protects nothing until its hosts are in it. */
function unattached({ groups, shared }: Plan): readonly string[] {
  return groups.flatMap(({ group, there }) =>
    there === undefined && shared.size === 0
      ? [`${group.name} is new: put ${group.hosts.join(', ')} into it, and out of what it was in`]
      : [],
  )
}

const file = (text: string): WrittenFile => ({ path: FILE, text, mode: 0o755 })

function script(model: AwsModel, groups: readonly Section[]): string {
  const sections = [...groups, bucketSection(model), alarmSection(model)].filter(({ text }) => text !== '')
  const variables = sections.flatMap(({ variables: each }) => [...each])
  const used = new Set(sections.flatMap(({ uses }) => uses))
  const functions = Object.entries(FUNCTIONS).flatMap(([name, text]) => (used.has(name as keyof typeof FUNCTIONS) ? [text] : []))
  const head = [
    '#!/usr/bin/env bash\n',
    comment(`From the policy ${model.deployment}: change that, and render this again.`),
    '# In the account and region of AWS_PROFILE and AWS_REGION. May be run again. Ends at the first command that fails: whoever is\n',
    '# let in is let in before anything is taken away.\n',
    comment(
      `Cost: ${GROUPS_COST}${model.alarms.length + model.buckets.length > 0 ? '; alarms, logs and storage as AWS charges them' : ''}.`,
    ),
    'set -euo pipefail\n',
    "export AWS_PAGER=''\n",
    ...variables.map(([name, given]) =>
      'value' in given ? `${name}=\${${name}:-${given.value}}\n` : `: "\${${name}:?${given.meaning}}"\n`,
    ),
  ]
  return [head.join(''), ...functions, ...sections.map(({ title, text }) => `# ${title}\n\n${text}`)].join('\n')
}

/** Command by command: comments and blank lines aside, and the order too, where it makes no difference to what is there afterwards. */
function compare(wanted: readonly WrittenFile[], there: (path: string) => FileState): readonly Difference[] {
  return wanted.flatMap(({ path, text }): readonly Difference[] => {
    const state = there(path)
    if (state.kind !== 'text') return [{ what: path, wanted: 'a file' }]
    const [ours, theirs] = [commandsOf(text), commandsOf(state.text)]
    return [
      ...ours.filter((line) => !theirs.includes(line)).map((line) => ({ what: path, wanted: line })),
      ...theirs.filter((line) => !ours.includes(line)).map((line) => ({ what: path, there: line })),
    ]
  })
}

const commandsOf = (text: string): readonly string[] =>
  text.split('\n').flatMap((line) => (/^\s*(?:#|$)/.test(line) ? [] : [line.trim().replace(/\s+/g, ' ')]))

export const writer: Writer = { write, compare, plan }
