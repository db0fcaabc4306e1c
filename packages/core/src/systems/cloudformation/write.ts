import type { Policy } from '../../policy/policy.ts'
import { type AwsModel, awsModel, isGroupId } from '../aws/index.ts'
import { Unique } from '../aws/names.ts'
import { compareTables } from '../aws/tables.ts'
import type { FileState } from '../system.ts'
import type { Difference, WriteOptions, Writer, Written, WrittenFile } from '../write.ts'
import { groupResources } from './groups.ts'
import { alarmResources, bucketResources } from './others.ts'
import { readTemplate } from './read.ts'
import { type Node, yamlText } from './yaml.ts'

const FILE = 'sallyport.cloudformation.yaml'

/** CloudFormation User Guide, "Quotas". */
const MOST_RESOURCES = 500

function write(policy: Policy, options: WriteOptions): Written {
  const made = awsModel(policy, options)
  if (made.kind === 'refused') return made
  const { model } = made
  // Of all resources no two have one id.
  const ids = new Unique('')
  const resources = { ...groupResources(model, ids), ...bucketResources(model, ids), ...alarmResources(model, ids) }
  const count = Object.keys(resources).length
  if (count > MOST_RESOURCES)
    return {
      kind: 'refused',
      why: `a stack has at most ${MOST_RESOURCES} resources, and these are ${count}`,
      next: 'divide the policy, or render it for terraform',
    }
  const parameters = parametersOf(model)
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `From the policy ${model.deployment}`.slice(0, 1024),
    ...(Object.keys(parameters).length === 0 ? {} : { Parameters: parameters }),
    Resources: resources,
  }
  const text = `# From the policy ${model.deployment}: change that, and render this again.\n${yamlText(template)}`
  return { kind: 'written', files: [{ path: FILE, text }], notes: model.notes }
}

function parametersOf({ groups, alarms }: AwsModel): Readonly<Record<string, Node>> {
  return {
    ...(groups.some(({ name }) => !isGroupId(name))
      ? { VpcId: { Type: 'AWS::EC2::VPC::Id', Description: 'The VPC of the security groups' } }
      : {}),
    ...(alarms.length > 0
      ? { AlarmTopics: { Type: 'List<String>', Description: 'ARNs of the SNS topics that alarms are sent to, at least one' } }
      : {}),
  }
}

function compare(wanted: readonly WrittenFile[], there: (path: string) => FileState): readonly Difference[] {
  return wanted.flatMap(({ path, text }): readonly Difference[] => {
    const state = there(path)
    if (state.kind !== 'text') return [{ what: path, wanted: 'a file' }]
    const [ours, theirs] = [readTemplate(text), readTemplate(state.text)]
    if (theirs.problem !== undefined)
      return [{ what: `${path}:${theirs.problem.line}`, wanted: 'what can be read', there: theirs.problem.what }]
    return compareTables(ours.tables, theirs.tables, (address) => address.startsWith('Resources '))
  })
}

export const writer: Writer = { write, compare }
