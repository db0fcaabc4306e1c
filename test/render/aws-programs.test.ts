import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { goldenCases } from '../../packages/core/test/reader.ts'
import { policyOf, writerOf } from './written.ts'

const folder = mkdtempSync(join(tmpdir(), 'sp-aws-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What is written for the policies of a golden file, as far as something is. */
async function texts(system: string): Promise<readonly { readonly title: string; readonly text: string }[]> {
  const writer = await writerOf(system)
  return goldenCases(readFileSync(new URL(`golden/${system}.golden`, import.meta.url), 'utf8')).flatMap(({ title, files }) => {
    const policy = policyOf(files.get('sallyport.yaml') ?? '')
    const there = files.get('there')
    const made = there === undefined ? writer.write(policy, {}) : writer.plan?.(policy, there, {})
    return made?.kind === 'written' ? [{ title, text: made.files[0]?.text ?? '' }] : []
  })
}

function run(program: string, args: readonly string[], input: string) {
  const { status, stdout, stderr } = spawnSync(program, args, { input, encoding: 'utf8', env: { ...process.env, CHECKPOINT_DISABLE: '1' } })
  return { status, stdout, stderr }
}

const OPERATIONS = [
  'cloudwatch put-metric-alarm',
  'ec2 authorize-security-group-ingress',
  'ec2 create-security-group',
  'ec2 describe-instances',
  'ec2 describe-security-groups',
  'ec2 modify-instance-attribute',
  'ec2 revoke-security-group-ingress',
  'elasticache describe-cache-clusters',
  'elasticache modify-cache-cluster',
  'logs create-log-group',
  'logs put-metric-filter',
  'logs put-retention-policy',
  'rds describe-db-instances',
  'rds modify-db-instance',
  's3 mb',
  's3api head-bucket',
  's3api put-bucket-encryption',
  's3api put-bucket-lifecycle-configuration',
  's3api put-bucket-versioning',
  's3api put-public-access-block',
]

/** None comes with Debian or npm: where they are, they are asked; where not, that is said, and the parsers of the other tests have to do. */
function describeWith(program: string, tests: () => void): void {
  if (spawnSync(program, ['--version']).error === undefined) describe(`by ${program}`, tests)
  else process.stderr.write(`not asked: ${program}, which is not installed\n`)
}

const [terraform, cloudformation, commands] = await Promise.all([texts('terraform'), texts('cloudformation'), texts('aws-cli')])

describe('by bash', () => {
  it.each(commands)('the commands are a script: $title', ({ text }) => {
    expect(run('bash', ['-n'], text)).toMatchObject({ status: 0, stderr: '' })
  })
})

describeWith('terraform', () => {
  it.each(terraform)('is in the style of terraform fmt: $title', ({ text }) => {
    expect(run('terraform', ['fmt', '-no-color', '-'], text)).toMatchObject({ status: 0, stdout: text })
  })
})

/** Writes down what it was asked, and answers with an id; but of groups it has one alone, and no bucket. */
const STUB = `#!/bin/bash
printf '%s\\0' "$@" >> "$CALLS"; printf '\\n' >> "$CALLS"
[ "$2" != head-bucket ] || exit 1
[ "$2" != describe-security-groups ] || [ "$5" = Name=group-name,Values=prod-sg ] || exit 0
echo sg-0123456789abcdef0
`

/** The calls that a script makes, one for each operation. */
function callsOf(script: string): readonly (readonly string[])[] {
  const calls = join(folder, 'calls')
  writeFileSync(calls, '')
  writeFileSync(join(folder, 'aws'), STUB, { mode: 0o755 })
  const variables = {
    VPC_ID: 'vpc-0123456789abcdef0',
    ALARM_TOPIC: 'arn:aws:sns:eu-central-1:111122223333:alarms',
    FREESWITCH_INSTANCE: 'i-0a1b2c3d4e5f60719',
  }
  const env = { PATH: `${folder}${delimiter}${process.env['PATH']}`, CALLS: calls, ...variables }
  expect(spawnSync('bash', ['-s'], { input: script, encoding: 'utf8', env })).toMatchObject({ status: 0, stderr: '' })
  const lines = readFileSync(calls, 'utf8')
    .split('\0\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\0'))
  return [...new Map(lines.map((words) => [words.slice(0, 2).join(' '), words])).values()]
}

describeWith('aws', () => {
  // Where nothing answers: what the program refuses by itself ends with 252, and what it would send ends at the connection.
  const NOWHERE = ['--endpoint-url', 'http://127.0.0.1:9', '--region', 'eu-central-1', '--no-sign-request']
  const operations = new Map(commands.flatMap(({ text }) => callsOf(text)).map((words) => [words.slice(0, 2).join(' '), words]))

  it('has each operation of the commands tried', () => {
    expect([...operations.keys()].toSorted()).toEqual(OPERATIONS)
  })

  it.each([...operations])('I1, I10, I11 · takes the arguments of %s', (_, words) => {
    const env = { ...process.env, AWS_MAX_ATTEMPTS: '1', AWS_EC2_METADATA_DISABLED: 'true', AWS_CONFIG_FILE: '/dev/null', AWS_PAGER: '' }
    const { status, stderr } = spawnSync('aws', [...words, ...NOWHERE], { encoding: 'utf8', env })
    expect({
      status,
      stderr: /Could not connect to the endpoint URL|Failed to connect|Connection was closed/.test(stderr) ? 'nobody answers' : stderr,
    }).toEqual({
      status: words[1] === 'mb' ? 1 : 255,
      stderr: 'nobody answers',
    })
  })
})

describeWith('cfn-lint', () => {
  it('I1, I10, I11 · the templates keep to the schemas of their resources', () => {
    const paths = cloudformation.map(({ text }, index) => {
      const path = join(folder, `${index}.yaml`)
      writeFileSync(path, text)
      return path
    })
    expect(run('cfn-lint', ['--regions', 'eu-central-1', '--', ...paths], '')).toMatchObject({ status: 0, stdout: '' })
  })
})
