import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { compareFilters } from '@sallyport/core/reach'
import { sourceTools } from '../../packages/cli/src/collect/source.ts'
import { Source } from '../../packages/core/src/systems/nginx/parse.ts'
import { policyOf, rendered, writerOf } from './written.ts'

/** One line of anything: what the policy takes for a name or a command. */
const line = fc
  .string({ unit: fc.constantFrom(...Array.from('\'"\\`${}[]();#%&|<>!*:,/ ab0-_.=\té…\u{1f600}')), minLength: 1, maxLength: 24 })
  .filter((text) => text.trim() !== '' && !text.includes('\t'))
const SYSTEMS = ['nginx', 'pm2', 'compose', 'systemd', 'fail2ban', 'dotenv']

it('names and commands of a policy are texts and nothing else in what is written', async () => {
  await fc.assert(
    fc.asyncProperty(line, line, line, line, async (name, app, service, command) => {
      const text = JSON.stringify({
        version: 1,
        name,
        services: {
          door: { port: 8080, from: 'internet', routes: { '/': 'one' } },
          one: { port: 3000, run: { pm2: app } },
          two: { port: 3001, run: { compose: service } },
          three: { port: 3002, run: { command } },
        },
      })
      const policy = policyOf(text)
      for (const asked of ['one', 'three']) {
        const [file] = (await rendered('pm2', policy, { service: asked })).files
        const context = { module: { exports: { apps: [] as { name: string; script: string; args?: readonly string[] }[] } } }
        runInNewContext(file?.text ?? '', context)
        const [only, ...more] = context.module.exports.apps
        expect(more).toEqual([])
        expect(only?.name).toBe(asked === 'one' ? app : 'three')
        if (asked === 'three') expect([only?.script, ...(only?.args ?? [])].join(' ')).toContain(command.trim().split(' ').at(-1))
      }
      const [override] = (await rendered('compose', policy)).files
      expect(Object.keys((parse(override?.text ?? '', { logLevel: 'silent' }) as { services: object }).services)).toEqual([service])
      const [site] = (await rendered('nginx', policy)).files
      const { problems, directives } = new Source('site.conf', site?.text ?? '')
      expect(problems).toEqual([])
      expect(new Set(directives.map((directive) => directive.name))).toEqual(
        new Set(['map', 'proxy_headers_hash_max_size', 'proxy_headers_hash_bucket_size', 'server']),
      )
    }),
    { numRuns: 300 },
  )
})

it('whatever stands where a file should be, comparing with it ends and does not throw', async () => {
  const policy = policyOf(`version: 1
name: x
services:
  ssh: { port: 22 }
  door: { port: 443, from: internet, domain: example.com, tls: letsencrypt, routes: { /: app }, limit: 10r/s }
  app: { port: 3000, http: { auth: user } }
  unit: { port: 3001, run: { systemd: unit } }
`)
  const other = policyOf('version: 1\nname: x\nservices:\n  app: { port: 3000 }\n')
  for (const system of SYSTEMS) {
    const writer = await writerOf(system)
    const made = await rendered(system, system === 'pm2' || system === 'compose' ? other : policy)
    const texts = made.files.map(({ text }) => text)
    const mutated = fc
      .tuple(fc.constantFrom(...texts), fc.nat(), fc.nat(200), fc.string({ unit: 'binary', maxLength: 20 }))
      .map(([text, at, length, put]) => `${text.slice(0, at % text.length)}${put}${text.slice((at % text.length) + length)}`)
    fc.assert(
      fc.property(fc.oneof(mutated, fc.string({ unit: 'binary', maxLength: 300 })), (text) => {
        const found = writer.compare(made.files, () => ({ kind: 'text', text }), { filters: compareFilters, tools: sourceTools })
        for (const { wanted = '', there = '' } of found) expect(Math.max(wanted.length, there.length)).toBeLessThan(200)
      }),
      { numRuns: 200 },
    )
  }
})
