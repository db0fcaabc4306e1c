import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { meaningOfPolicy, meaningOfRules, type ParsedRule } from './aws-meaning.ts'
import { policyOf, writerOf } from './written.ts'

const FAKE = fileURLToPath(new URL('aws-account.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sp-aws-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const bin = join(folder, 'bin')
mkdirSync(bin)
writeFileSync(join(bin, 'aws'), `#!/bin/sh\nexec '${process.execPath}' '${FAKE}' "$@"\n`)
chmodSync(join(bin, 'aws'), 0o755)

interface Permission {
  readonly IpProtocol: string
  readonly FromPort?: number
  readonly ToPort?: number
  readonly IpRanges?: readonly { readonly CidrIp: string; readonly Description?: string }[]
  readonly Ipv6Ranges?: readonly { readonly CidrIpv6: string }[]
  readonly UserIdGroupPairs?: readonly { readonly GroupId: string }[]
}

interface Account {
  readonly SecurityGroups: readonly {
    readonly GroupId: string
    readonly GroupName: string
    readonly VpcId: string
    readonly IpPermissions: readonly Permission[]
  }[]
  readonly Members: Readonly<Record<string, readonly string[]>>
}

/** Runs a script against an account. `failAt`: the call from which on nothing is answered. */
function run(text: string, account: Account, variables: Readonly<Record<string, string>> = {}, failAt?: number) {
  const [script, state, calls] = ['script.sh', 'account.json', 'calls'].map((name) => join(folder, name)) as [string, string, string]
  writeFileSync(script, text)
  writeFileSync(state, JSON.stringify(account))
  writeFileSync(calls, '')
  const { status, stderr } = spawnSync('bash', [script], {
    encoding: 'utf8',
    env: {
      PATH: `${bin}${delimiter}${process.env['PATH']}`,
      ACCOUNT: state,
      CALLS: calls,
      ...(failAt === undefined ? {} : { FAIL_AT: String(failAt) }),
      ...variables,
    },
  })
  return {
    status,
    stderr,
    account: JSON.parse(readFileSync(state, 'utf8')) as Account,
    calls: readFileSync(calls, 'utf8')
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as readonly string[]])),
  }
}

/** The account's rules, by the names of its groups. */
function rulesIn({ SecurityGroups }: Account): readonly ParsedRule[] {
  const nameOf = (id: string): string => SecurityGroups.find(({ GroupId }) => GroupId === id)?.GroupName ?? id
  return SecurityGroups.flatMap(({ GroupName, IpPermissions }) =>
    IpPermissions.flatMap((permission) => {
      const rule = { group: GroupName, protocol: permission.IpProtocol, from: permission.FromPort ?? 0, to: permission.ToPort ?? 65535 }
      return [
        ...(permission.IpRanges ?? []).map(({ CidrIp }) => ({ ...rule, cidr: CidrIp, source: undefined })),
        ...(permission.Ipv6Ranges ?? []).map(({ CidrIpv6 }) => ({ ...rule, cidr: CidrIpv6, source: undefined })),
        ...(permission.UserIdGroupPairs ?? []).map(({ GroupId }) => ({ ...rule, cidr: undefined, source: nameOf(GroupId) })),
      ]
    }),
  )
}

const POLICY = `version: 1
name: telephony
sources: { admin: 203.0.113.7 }
hosts:
  api: { address: 192.0.2.10, aws: { securityGroup: prod-sg-api } }
  freeswitch: { address: 192.0.2.20, aws: { securityGroup: prod-sg-freeswitch } }
services:
  ssh: { host: [api, freeswitch], port: 22, from: admin }
  https: { host: api, port: [80, 443], from: internet, domain: example.com, tls: letsencrypt }
  sip: { host: freeswitch, port: 5060, protocol: [tcp, udp], from: internet }
  rtp: { host: freeswitch, port: 16384-32768, protocol: udp, from: internet }
  esl: { host: freeswitch, port: 8021, from: api }
`
const VPC = 'vpc-0123456789abcdef0'
const policy = policyOf(POLICY)
const EMPTY: Account = { SecurityGroups: [], Members: {} }
const members = new Map([
  ['prod-sg-api', ['api']],
  ['prod-sg-freeswitch', ['freeswitch']],
])
const wanted = meaningOfPolicy(policy, new Set(['api', 'freeswitch']))

/** As it had grown: what freeswitch needs is open on the API too, and the home address was another. */
const GROWN: Account = {
  Members: {},
  SecurityGroups: [
    {
      GroupId: 'sg-0aaa11112222bbbb3',
      GroupName: 'prod-sg-api',
      VpcId: VPC,
      IpPermissions: [
        {
          IpProtocol: 'tcp',
          FromPort: 22,
          ToPort: 22,
          IpRanges: [{ CidrIp: '198.51.100.7/32', Description: "SSH from home; it's $HOME" }],
        },
        { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'web' }] },
        { IpProtocol: 'tcp', FromPort: 5060, ToPort: 5060, IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'SIP' }] },
        { IpProtocol: 'udp', FromPort: 16384, ToPort: 32768, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
        { IpProtocol: 'udp', FromPort: 16384, ToPort: 32768, Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
      ],
    },
    {
      GroupId: 'sg-0ccc11112222dddd3',
      GroupName: 'prod-sg-freeswitch',
      VpcId: VPC,
      IpPermissions: [
        { IpProtocol: 'tcp', FromPort: 8021, ToPort: 8021, UserIdGroupPairs: [{ GroupId: 'sg-0aaa11112222bbbb3' }] },
        { IpProtocol: '-1', IpRanges: [{ CidrIp: '203.0.113.0/24' }] },
      ],
    },
  ],
}

async function scriptFor(text: string, there?: Account): Promise<string> {
  const writer = await writerOf('aws-cli')
  const made = there === undefined ? writer.write(policyOf(text), {}) : writer.plan?.(policyOf(text), JSON.stringify(there), {})
  if (made?.kind !== 'written') throw new Error(made?.why)
  return made.files[0]?.text ?? ''
}

const verbs = (calls: readonly (readonly string[])[]): readonly string[] =>
  calls.map(([, verb = '']) => verb.replace(/-security-group-ingress$/, ''))

describe('the commands for AWS, run against an account of a stand-in', () => {
  it('I1 · in an empty account they make what the policy says; run again, they change nothing', async () => {
    const script = await scriptFor(POLICY)
    const first = run(script, EMPTY, { VPC_ID: VPC })
    expect(first).toMatchObject({ status: 0, stderr: '' })
    expect(meaningOfRules(rulesIn(first.account), members)).toEqual(wanted)
    const second = run(script, first.account, { VPC_ID: VPC })
    expect(second).toMatchObject({ status: 0, stderr: '', account: first.account })
  })

  it('I1 · a group is never looked for by a name that the filter takes for other groups’ names too', async () => {
    for (const name of ['prod-*', 'prod-sg-api,other']) {
      const odd = POLICY.replace('securityGroup: prod-sg-api ', `securityGroup: "${name}" `)
      await expect(scriptFor(odd)).rejects.toThrow(`comma in ${name}`)
      const there = { ...GROWN, SecurityGroups: GROWN.SecurityGroups.map((each, at) => (at === 0 ? { ...each, GroupName: name } : each)) }
      // By its id it is that group alone.
      expect(await scriptFor(odd, there)).toContain('authorise sg-0aaa11112222bbbb3 ')
    }
  })

  it('I2 · what a role does not need is revoked, after everything that is let in is authorised; what is right is left alone', async () => {
    const { status, stderr, account, calls } = run(await scriptFor(POLICY, GROWN), GROWN)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(meaningOfRules(rulesIn(account), members)).toEqual(wanted)
    const order = verbs(calls)
    expect(order.lastIndexOf('authorize')).toBeLessThan(order.indexOf('revoke'))
    expect(order.filter((verb) => verb === 'revoke')).toHaveLength(5)
    const texts = account.SecurityGroups.flatMap(({ IpPermissions }) => IpPermissions.map((each) => JSON.stringify(each)))
    // Kept as they were, or what takes their place.
    expect(texts).toContainEqual(expect.stringContaining('"Description":"web"'))
    expect(texts).toContainEqual(expect.stringContaining(`203.0.113.7/32","Description":"SSH from home; it's $HOME"`))
    expect(texts).toContain(JSON.stringify(GROWN.SecurityGroups[1]?.IpPermissions[0]))
    // Of the account as it is now there is nothing left to do.
    expect(verbs(run(await scriptFor(POLICY, account), account).calls)).toEqual([])
  })

  it('I2 · wherever it fails, nothing is revoked of what is not let in otherwise, and it can be run again', async () => {
    const script = await scriptFor(POLICY, GROWN)
    const order = verbs(run(script, GROWN).calls)
    // The first call, the last that lets in, the first that takes away, and the last.
    const revoke = order.indexOf('revoke') + 1
    for (const failAt of [1, revoke - 1, revoke, order.length]) {
      const broken = run(script, GROWN, {}, failAt)
      expect(broken.status).not.toBe(0)
      if (verbs(broken.calls).includes('revoke')) {
        const there = meaningOfRules(rulesIn(broken.account), members)
        for (const [host, sources] of wanted) for (const key of sources.keys()) expect([...(there.get(host)?.keys() ?? [])]).toContain(key)
      }
      const again = run(script, broken.account)
      expect(again.status).toBe(0)
      expect(meaningOfRules(rulesIn(again.account), members)).toEqual(wanted)
    }
  })

  it('I14 · two roles in one group: each host ends in a group of its role, its other groups as they were', async () => {
    const text = POLICY.replace('securityGroup: prod-sg-api', 'securityGroup: prod-sg, instance: i-0a1b2c3d4e5f60718').replace(
      'prod-sg-freeswitch',
      'prod-sg',
    )
    const [shared, other] = ['sg-0eee11112222ffff3', 'sg-0fff11112222ffff3']
    const before: Account = {
      Members: { 'i-0a1b2c3d4e5f60718': [other, shared], 'i-0a1b2c3d4e5f60719': [shared] },
      SecurityGroups: [
        {
          GroupId: shared,
          GroupName: 'prod-sg',
          VpcId: VPC,
          IpPermissions: [{ IpProtocol: 'udp', FromPort: 5060, ToPort: 5060, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
        },
        { GroupId: other, GroupName: 'monitoring', VpcId: VPC, IpPermissions: [] },
      ],
    }
    const script = await scriptFor(text, before)
    expect(run(script, before)).toMatchObject({ status: 1, account: before, calls: [] })
    const { status, stderr, account, calls } = run(script, before, { FREESWITCH_INSTANCE: 'i-0a1b2c3d4e5f60719' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const idOf = (name: string): string => account.SecurityGroups.find(({ GroupName }) => GroupName === name)?.GroupId ?? ''
    expect(account.Members).toEqual({
      'i-0a1b2c3d4e5f60718': [other, idOf('prod-sg-api')],
      'i-0a1b2c3d4e5f60719': [idOf('prod-sg-freeswitch')],
    })
    const order = verbs(calls)
    expect(order.lastIndexOf('authorize')).toBeLessThan(order.indexOf('modify-instance-attribute'))
    const ofRoles = { ...account, SecurityGroups: account.SecurityGroups.filter(({ GroupName }) => members.has(GroupName)) }
    expect(meaningOfRules(rulesIn(ofRoles), members)).toEqual(wanted)
  })
})
