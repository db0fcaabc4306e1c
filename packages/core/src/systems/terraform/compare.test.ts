import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Policy } from '../../policy/index.ts'
import { parsePolicy } from '../../policy/index.ts'
import { writer as cloudformation } from '../cloudformation/write.ts'
import type { Writer } from '../write.ts'
import { readHcl } from './read.ts'
import { writer as terraform } from './write.ts'

const RUNS = Number(process.env['SALLYPORT_FUZZ'] ?? 500)

const { policy } = parsePolicy({
  files: new Map([
    [
      'sallyport.yaml',
      `version: 1
sources: { admin: 203.0.113.7 }
hosts:
  api: { aws: { securityGroup: api } }
  data: { managed: rds, aws: { securityGroup: data } }
services:
  ssh: { host: api, port: 22, from: admin }
  https: { host: api, port: 443, from: internet }
  postgres: { host: data, port: 5432, from: api }
buckets: { example-recordings: { expireAfterDays: 90 } }
`,
    ],
  ]),
  globs: new Map(),
  entry: 'sallyport.yaml',
})

/** What differs where the file is as `change` makes it of what is written. */
function differences(writer: Writer, change: (text: string) => string): readonly string[] {
  const made = writer.write(policy as Policy, {})
  if (made.kind === 'refused') throw new Error(made.why)
  const there = change(made.files[0]?.text ?? '')
  const comparing = { filters: () => [], tools: { parseSource: () => undefined } }
  return writer
    .compare(made.files, () => ({ kind: 'text', text: there }), comparing as unknown as Parameters<Writer['compare']>[2])
    .map((each) => JSON.stringify(each))
}

describe('Terraform, compared', () => {
  const compared = (change: (text: string) => string) => differences(terraform, change)

  it('order, comments, blanks and the form of lists say nothing', () => {
    expect(compared((text) => text)).toEqual([])
    const reversed = (text: string): string =>
      text
        .split(/\n(?=resource|variable)/)
        .toReversed()
        .join('\n')
    expect(compared((text) => `/* by\nhand */\n${reversed(text).replaceAll(/ += /g, ' = ').replaceAll('\n}', ' // end\n}')}`)).toEqual([])
    expect(compared((text) => text.replace(/\[(aws_s3_bucket_versioning[^\]]*)\]/, '[\n    $1, # one\n  ]'))).toEqual([])
  })

  it('I3 · a wider source, a rule too much and one too few are told, each by its name', () => {
    expect(compared((text) => text.replace('203.0.113.7/32', '0.0.0.0/0'))).toEqual([
      '{"what":"resource aws_vpc_security_group_ingress_rule.api_ssh_tcp_22_from_admin: cidr_ipv4","wanted":"\\"203.0.113.7/32\\"","there":"\\"0.0.0.0/0\\""}',
    ])
    const more = 'resource "aws_vpc_security_group_ingress_rule" "more" {\n  ip_protocol = "-1"\n}\n'
    expect(compared((text) => `${text}\n${more}`)).toEqual([
      '{"what":"resource aws_vpc_security_group_ingress_rule.more","there":"declared"}',
    ])
    expect(compared((text) => `${text}\nprovider "aws" {\n  region = "eu-central-1"\n}\n`)).toEqual([])
    expect(compared((text) => text.replace('"data_postgres_tcp_5432_from_api"', '"other"'))).toHaveLength(2)
  })

  it('I10 · public access that is let in again is told', () => {
    expect(compared((text) => text.replace('restrict_public_buckets = true', 'restrict_public_buckets = false'))).toHaveLength(1)
    expect(compared((text) => text.replace('days = 90', 'days = 900'))).toHaveLength(1)
  })

  it('C4 · what cannot be read is told with its line, and is no agreement', () => {
    for (const wrong of [
      'resource "a" "b" {',
      'a = <<EOT\nx\nEOT\n',
      'resource "a" "b" { x = [1 }',
      '}',
      'x = 1\n',
      'resource "${a}" "b" {}\n',
    ])
      expect(compared((text) => `${text}\n${wrong}`)[0]).toMatch(/what can be read/)
    expect(compared((text) => `${text}\n${text}`)[0]).toMatch(/declared twice/)
  })

  it('never throws, whatever the text is', () => {
    const token = fc.constantFrom('resource', '"a"', '{', '}', '[', ']', '=', '\n', 'x', '<<', '#', '/*', '*/', '"', '\\', ',', '${', ' ')
    fc.assert(
      fc.property(fc.array(token, { maxLength: 60 }), (tokens) => {
        const { problem } = readHcl(tokens.join(''))
        expect(problem === undefined || problem.line >= 1).toBe(true)
      }),
      { numRuns: RUNS },
    )
    expect(readHcl('x {'.repeat(5000)).problem?.what).toBe('nested too deep')
  })
})

describe('CloudFormation, compared', () => {
  const compared = (change: (text: string) => string) => differences(cloudformation, change)

  it('comments, the style of scalars and the order of keys say nothing', () => {
    expect(compared((text) => text)).toEqual([])
    expect(compared((text) => `# by hand\n${text.replace('CidrIp: "203.0.113.7/32"', "CidrIp: '203.0.113.7/32' # home")}`)).toEqual([])
    expect(compared((text) => text.replace(/( +FromPort: 22\n)( +ToPort: 22\n)/, '$2$1'))).toEqual([])
  })

  it('a wider source, a rule too much and one too few are told', () => {
    expect(compared((text) => text.replace('"203.0.113.7/32"', '0.0.0.0/0'))).toHaveLength(1)
    expect(compared((text) => `${text}  More:\n    Type: AWS::EC2::SecurityGroupIngress\n`)).toEqual([
      '{"what":"Resources More","there":"declared"}',
    ])
    expect(compared((text) => text.replace('  DataPostgresTcp5432FromApi:', '  Other:'))).toHaveLength(2)
    expect(compared((text) => text.replace('!GetAtt Api.GroupId', '!Ref Api'))).toHaveLength(1)
  })

  it('C4 · what cannot be read is told', () => {
    for (const wrong of ['[', '\t- x', 'Resources: {}\n', '"']) expect(compared((text) => `${text}${wrong}`)[0]).toMatch(/what can be read/)
    expect(compared(() => '')[0]).toMatch(/no mapping/)
    expect(compared(() => '&a [*a]')[0]).toMatch(/what can be read/)
  })
})
