import { readFileSync } from 'node:fs'
import type { Policy } from '@sallyport/core/policy'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { meaningOfPolicy, meaningOfRules, readCloudFormation, readTerraform } from './aws-meaning.ts'
import { randomPolicies } from './aws-random.ts'
import { policyOf, textFor } from './written.ts'

const RUNS = Number(process.env['SALLYPORT_FUZZ'] ?? 100)

/** Something of it is in AWS. */
const inAws = (policy: Policy): ReadonlySet<string> =>
  new Set(
    [...policy.hosts.values()].flatMap(({ name, aws }) => (aws.securityGroups.length > 0 || aws.instance !== undefined ? [name] : [])),
  )

describe('what is rendered for AWS lets through what the policy says, and nothing else, host by host, as sets', () => {
  it('I1 · Terraform, by HashiCorp’s own parser', async () => {
    await fc.assert(
      fc.asyncProperty(randomPolicies, async (text) => {
        const policy = policyOf(text)
        const hosts = inAws(policy)
        if (hosts.size === 0) return
        const { rules, members } = await readTerraform(await textFor('terraform', policy))
        expect(meaningOfRules(rules, members)).toEqual(meaningOfPolicy(policy, hosts))
      }),
      { numRuns: RUNS },
    )
  })

  it('I1 · CloudFormation, by a YAML 1.1 parser', async () => {
    await fc.assert(
      fc.asyncProperty(randomPolicies, async (text) => {
        const policy = policyOf(text)
        const hosts = inAws(policy)
        if (hosts.size === 0) return
        const { rules, members } = readCloudFormation(await textFor('cloudformation', policy))
        expect(meaningOfRules(rules, members)).toEqual(meaningOfPolicy(policy, hosts))
      }),
      { numRuns: RUNS },
    )
  })
})

it('I1, I5, I10, I11 · the policy of docs/aws.md is rendered in each language', async () => {
  const [, text = ''] = /^```yaml\n([^]*?)^```$/m.exec(readFileSync(new URL('../../docs/aws.md', import.meta.url), 'utf8')) ?? []
  const policy = policyOf(text)
  const { rules, members } = await readTerraform(await textFor('terraform', policy))
  expect(meaningOfRules(rules, members)).toEqual(meaningOfPolicy(policy, new Set(policy.hosts.keys())))
  for (const system of ['terraform', 'cloudformation', 'aws-cli']) {
    const written = await textFor(system, policy)
    for (const word of ['prod-sg-freeswitch', 'example-recordings', 'failed-logins']) expect(written).toContain(word)
  }
})

it('a further address is a further rule: every other keeps its name and what it says', async () => {
  const text = (admin: string): string => `version: 1
name: shop
sources: { admin: ${admin} }
hosts: { web: { aws: { securityGroup: web } } }
services: { ssh: { host: web, port: 22, from: admin } }
`
  const blocks = async (admin: string) => (await textFor('terraform', policyOf(text(admin)))).split('\n\n').map((block) => block.trim())
  const [before, after] = [await blocks('203.0.113.7'), await blocks('[203.0.113.7, 198.51.100.7]')]
  expect(before.filter((block) => !after.includes(block))).toEqual([])
  expect(after).toHaveLength(before.length + 1)
  const changed = await blocks('198.51.100.7')
  expect(changed.map((block) => block.replace('198.51.100.7', '203.0.113.7'))).toEqual(before)
})
