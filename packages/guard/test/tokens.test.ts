import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Guarded, startGuarded } from './wire/guarded.ts'
import { exchange } from './wire/http1.ts'
import { AUDIENCE, guardKeys, ISSUER, parseTokenCases, type TokenCase, tokenRequest } from './wire/tokens.ts'

const CASES = parseTokenCases(readFileSync(new URL('./corpus/tokens.txt', import.meta.url), 'utf8'))

test(`P5, P6 · corpus/tokens.txt: every one of ${CASES.length} tokens is taken or refused as it should be`, async () => {
  const servers = new Map<string, Guarded>()
  const wrong: string[] = []
  let refusals = 0
  for (const one of CASES) {
    const key = JSON.stringify([one.several, one.options])
    const jwt = { keys: guardKeys(one.several), issuer: ISSUER, audience: AUDIENCE, ...one.options }
    const server = servers.get(key) ?? (await startGuarded('http', '127.0.0.1', { jwt }))
    servers.set(key, server)
    const found = await outcome(one, server)
    refusals += server.refusals.length
    if (found !== one.expected) wrong.push(`${one.name}: expected ${one.expected}; ${found}`)
  }
  const lines = await Promise.all([...servers.values()].map((server) => server.close()))
  expect(wrong).toEqual([])
  expect(lines.flat()).toHaveLength(refusals)
  expect(lines.flat().join('\n')).not.toMatch(/ey[A-Za-z0-9_-]{8}/)
})

async function outcome(one: TokenCase, server: Guarded): Promise<string> {
  server.refusals.length = 0
  server.handled.length = 0
  const request = tokenRequest(one, `localhost:${server.port}`, Math.floor(Date.now() / 1000))
  const to = { host: '127.0.0.1', port: server.port, from: undefined, encrypted: false }
  const { answers } = await exchange([Buffer.from(request, 'latin1')], to, false)
  const [answer] = answers
  const [refusal] = server.refusals
  const bare = answer?.headers.get('x-localhost-only') === 'true' ? '' : ', without headers'
  const handled = server.handled.length > 0 ? 'passed' : ''
  return [`${answer?.status}`, refusal?.code ?? handled, refusal?.value ?? ''].filter((part) => part !== '').join(' ') + bare
}
