import type { Policy } from '../../policy/policy.ts'
import { type AwsModel, awsModel, isGroupId } from '../aws/index.ts'
import { compareTables } from '../aws/tables.ts'
import type { FileState } from '../system.ts'
import type { Difference, WriteOptions, Writer, Written, WrittenFile } from '../write.ts'
import { alarmBlocks } from './alarms.ts'
import { bucketBlocks } from './buckets.ts'
import { groupBlocks } from './groups.ts'
import { type Block, blockText, Expression } from './hcl.ts'
import { readHcl } from './read.ts'

const FILE = 'sallyport.tf'

/** The first that has rules as resources of their own is 4.56; what is written here was validated with 5.100. */
const PROVIDER = '~> 5.100'

const TERRAFORM: Block = {
  type: 'terraform',
  attributes: { required_version: '>= 1.5' },
  blocks: [{ type: 'required_providers', attributes: { aws: { source: 'hashicorp/aws', version: PROVIDER } } }],
}

function variable(name: string, description: string, type: string): Block {
  return { type: 'variable', labels: [name], attributes: { description, type: new Expression(type), nullable: false } }
}

function write(policy: Policy, options: WriteOptions): Written {
  const made = awsModel(policy, options)
  if (made.kind === 'refused') return made
  const { model } = made
  const text = [
    `# From the policy ${model.deployment}: change that, and render this again.\n`,
    ...blocks(model).map((block) => blockText(block)),
  ]
  const isNew = model.groups.some(({ name }) => !isGroupId(name))
  const notes = isNew ? ['groups that are there already have to be imported first: terraform import aws_security_group.NAME sg-…'] : []
  return { kind: 'written', files: [{ path: FILE, text: text.join('\n') }], notes: [...model.notes, ...notes] }
}

function blocks(model: AwsModel): readonly Block[] {
  return [
    TERRAFORM,
    ...(model.groups.some(({ name }) => !isGroupId(name)) ? [variable('vpc_id', 'The VPC of the security groups', 'string')] : []),
    ...(model.alarms.length > 0 ? [variable('alarm_topics', 'ARNs of the SNS topics that alarms are sent to', 'list(string)')] : []),
    ...groupBlocks(model),
    ...bucketBlocks(model),
    ...alarmBlocks(model),
  ]
}

/** Kinds of resources by which more is let in, or watched less, than the policy says. */
const OURS = /^resource aws_(?:security_group|vpc_security_group_ingress_rule|vpc_security_group_egress_rule|s3_bucket|cloudwatch)/

function compare(wanted: readonly WrittenFile[], there: (path: string) => FileState): readonly Difference[] {
  return wanted.flatMap(({ path, text }): readonly Difference[] => {
    const state = there(path)
    if (state.kind !== 'text') return [{ what: path, wanted: 'a file' }]
    const [ours, theirs] = [readHcl(text), readHcl(state.text)]
    if (theirs.problem !== undefined)
      return [{ what: `${path}:${theirs.problem.line}`, wanted: 'what can be read', there: theirs.problem.what }]
    return compareTables(ours.tables, theirs.tables, (address) => OURS.test(address))
  })
}

export const writer: Writer = { write, compare }
