import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CLI, folder } from '../cli.ts'

const POLICY = `version: 1
name: shop
hosts: { web: { aws: { securityGroup: web } } }
services:
  https: { host: web, port: 443, from: internet }
`
const permission = (port: number) => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  IpRanges: [{ CidrIp: '0.0.0.0/0' }],
  Ipv6Ranges: [{ CidrIpv6: '::/0' }],
})
const account = (...ports: readonly number[]): string =>
  JSON.stringify({
    SecurityGroups: [{ GroupId: 'sg-0aaa11112222bbbb3', GroupName: 'web', VpcId: 'vpc-0123', IpPermissions: ports.map(permission) }],
  })

const path = folder({ 'sallyport.yaml': POLICY, 'right.json': account(443), 'more.json': account(443, 5060), 'wrong.json': '{}' })

function render(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'render', ...args], { cwd: path, encoding: 'utf8' })
  return { status, stdout, stderr }
}

describe('sallyport render for AWS', () => {
  it('I2 · --there --check tells what is too much, and is clean where nothing is', () => {
    expect(render('aws-cli', '--there', 'right.json', '--check')).toMatchObject({ status: 0, stdout: 'nothing differs\n' })
    const more = render('aws-cli', '--there', 'more.json', '--check')
    expect(more).toMatchObject({
      status: 1,
      stdout:
        'web: tcp 5060 from 0.0.0.0/0: is not wanted; there: without a description\nweb: tcp 5060 from ::/0: is not wanted; there: without a description\n',
    })
    expect(more.stderr).toContain('rules authorised: 0, revoked: 2, kept: 2; security groups and their rules cost $0.00')
    expect(render('aws-cli', '--there', 'more.json').stdout).toContain('revoke sg-0aaa11112222bbbb3')
  })

  it('says what is wrong with what it is given, and writes nothing to stdout', () => {
    for (const [args, words] of [
      [['aws-cli', '--there', 'wrong.json'], 'this is not what aws ec2 describe-security-groups prints'],
      [['aws-cli', '--there', 'absent.json'], 'absent.json could not be read'],
      [['terraform', '--there', 'right.json'], 'terraform plans nothing from what is there'],
      [['terraform', '--seen'], 'terraform draws nothing that was seen'],
      [['terraform', 'https'], 'leave out the service and --host'],
    ] as const) {
      const { status, stdout, stderr } = render(...args)
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
      expect(stderr).toContain(words)
    }
  })

  it('I1 · what was written agrees with the policy until either changes', () => {
    for (const [system, file] of [
      ['terraform', 'sallyport.tf'],
      ['cloudformation', 'sallyport.cloudformation.yaml'],
      ['aws-cli', 'sallyport.aws.sh'],
      ['diagram', 'sallyport.svg'],
      ['mermaid', 'sallyport.mmd'],
    ] as const) {
      expect(render(system, '-o', '.').status).toBe(0)
      expect(render(system, '--check')).toMatchObject({ status: 0, stdout: 'nothing differs\n' })
      const written = join(path, file)
      writeFileSync(written, readFileSync(written, 'utf8').replaceAll('443', '444'))
      expect(render(system, '--check').status).toBe(1)
    }
  })
})
