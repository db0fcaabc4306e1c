import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { GuardError } from './failure.ts'
import { fromFile } from './from-file.ts'
import { guard } from './guard.ts'

const folder = mkdtempSync(join(tmpdir(), 'sp-guard-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const KEY = 'canary-0123456789-0123456789-0123'

async function read(content: unknown, environment: Record<string, string> = {}) {
  const file = join(folder, 'guard.json')
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return fromFile(file, environment)
}

async function errorOf(content: unknown, environment: Record<string, string> = {}): Promise<GuardError> {
  const error: unknown = await read(content, environment).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof GuardError) return error
  throw new Error(`no GuardError: ${String(error)}`)
}

describe('guard(await fromFile(…))', () => {
  it('P4 · takes everything that JSON can say, and the guard takes what it gives', async () => {
    const options = {
      hosts: ['app.example.com:8000'],
      origins: ['http://localhost:5173'],
      credentials: true,
      exposedHeaders: ['X-Count'],
      privateNetwork: false,
      silent: true,
      encodedSlash: 'refuse',
      upgrades: ['h2c'],
      upgradesWithoutOrigin: 'refuse',
      behind: { keys: [KEY], header: 'X-Proof', headers: ['X-Real-IP'], client: 'X-Real-IP' },
      limit: { perSecond: 10, burst: 20, clients: 100 },
      keys: { callers: { a: [KEY], b: [KEY.replace('canary', 'other-')] }, except: ['/health'] },
      headers: { 'X-A': 'b', 'Referrer-Policy': false },
      log: false,
    }
    expect(await read(options)).toEqual(options)
    expect(() => guard(options as Awaited<ReturnType<typeof fromFile>>)).not.toThrow()
  })

  it('M9 · keys stand in the environment, not in the file: one that is not there is an error, unless it is optional', async () => {
    const keys = [{ environment: 'FIRST' }, { environment: 'SECOND', optional: true }]
    expect(await read({ behind: { keys } }, { FIRST: KEY })).toEqual({ behind: { keys: [KEY] } })
    expect(await read({ behind: { keys } }, { FIRST: KEY, SECOND: 'x' })).toEqual({ behind: { keys: [KEY, 'x'] } })
    for (const environment of [{}, { FIRST: '' }])
      expect((await errorOf({ behind: { keys } }, environment as Record<string, string>)).message).toMatch(
        /behind\.keys\[0\]: the environment has no FIRST/,
      )
    const jwt = { keys: [{ alg: 'HS256', key: { environment: 'FIRST' } }], issuer: 'i', audience: 'a' }
    expect(await read({ jwt }, { FIRST: KEY })).toMatchObject({ jwt: { keys: [{ key: KEY }] } })
  })

  it.each([
    ['option-unknown', { origin: [] }, 'origin'],
    ['option-unknown', { behind: { key: [KEY] } }, 'behind.key'],
    ['option-unknown', { onRefuse: 'x' }, 'onRefuse'],
    ['option-unknown', '{"__proto__": {"silent": true}}', '__proto__'],
    ['option-unknown', { log: { path: 'x' } }, 'log.path'],
    ['option-unknown', { jwt: { revoked: true } }, 'jwt.revoked'],
    ['option-invalid', { origins: '*' }, 'origins: a list of texts'],
    ['option-invalid', { origins: [1] }, 'origins: a list of texts'],
    ['option-invalid', { silent: 'true' }, 'silent: true or false'],
    ['option-invalid', { encodedSlash: 'no' }, 'encodedSlash: one of'],
    ['option-invalid', { log: true }, 'log:'],
    ['option-invalid', { behind: { keys: KEY } }, 'behind.keys: a list'],
    ['option-invalid', { behind: { keys: [1] } }, 'behind.keys[0]: a key'],
    ['option-invalid', { behind: { keys: [{ environment: KEY, also: 1 }] } }, 'behind.keys[0]: a key'],
    ['option-invalid', { headers: { 'X-A': true } }, 'headers.X-A'],
    ['option-invalid', { limit: 10 }, 'limit: an object'],
    ['option-invalid', [], 'the file: an object'],
    ['option-invalid', 'null', 'the file: an object'],
    ['file-unreadable', `{ "behind": { "keys": ["${KEY}" ] `, 'is not JSON'],
  ] as const)('P4 · %s: %j is an error that names its place, and no key', async (code, content, place) => {
    const error = await errorOf(content)
    expect(error.code).toBe(code)
    expect(error.message).toContain(place)
    expect(error.message).not.toContain('canary')
  })

  it('P4 · a file that is not there is an error', async () => {
    await expect(fromFile(join(folder, 'nothing.json'))).rejects.toMatchObject({ code: 'file-unreadable' })
  })

  it('P4 · whatever JSON says, it is read or a GuardError', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (text) => {
        await read(text).catch((error: unknown) => expect(error).toBeInstanceOf(GuardError))
      }),
      { numRuns: 200 },
    )
  })
})
