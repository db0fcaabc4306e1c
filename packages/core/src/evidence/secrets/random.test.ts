import { describe, expect, it } from 'vitest'
import { random } from '../../../test/fuzz.ts'
import { expectWhole, hex, leaks } from '../../../test/secrets.ts'
import { show } from '../shown.ts'

/** Places that nothing but the look of the secret gives away. */
const UNNAMED: readonly ((secret: string) => string)[] = [
  (secret) => `app.listen(3000) // ${secret}`,
  (secret) => `node server.js ${secret}`,
  (secret) => `https://example.com/hook/${secret}`,
  (secret) => `const x = '${secret}'`,
  (secret) => `x: ${secret}`,
]

describe('C5 · random texts, wherever they stand', () => {
  it('are hidden from 16 letters and digits on, as no name is', () => {
    for (const random of ['Zq8vK3xW7pLm2Rt9', 'hT9xK2mQ7vLp4RzWb3']) {
      expect(String(show(`new Sequelize('app', 'admin', '${random}')`))).toBe("new Sequelize('app', 'admin', '[redacted]')")
      expect(String(show(`docker run -p 2222:22 example/sftp foo:${random}:1001`))).not.toContain(random)
    }
    expectWhole(['x86_64-linux-gnu-Release2', 'TypeScript5ReactApp', 'register_V2_Handler1', 'node20-alpine3-Amd64', 'IPv4AndIPv6Address'])
  })

  it('are hidden without a name as well, all but one in a thousand', () => {
    const next = random(7)
    let missed = 0
    const lines = Array.from({ length: 8000 }, (_, index) => {
      const bytes = Uint8Array.from({ length: 24 + next(24) }, () => next(256))
      const base64 = globalThis.btoa(String.fromCharCode(...bytes))
      const secret = [base64, base64.replaceAll('+', '-').replaceAll('/', '_'), hex(bytes), encodeURIComponent(base64)][index % 4] ?? base64
      const line = UNNAMED[index % 5]?.(secret) ?? secret
      if (leaks(show(line), secret, line.replace(secret, ''))) missed++
      return line
    })
    expect(new Set(lines).size).toBe(8000)
    expect(missed).toBeLessThanOrEqual(8)
  })

  it('but the names of temporary folders, whatever their letters', () => {
    for (const path of ['/tmp/sp-cli-s2uS4L', '/tmp/sallyport-folder-z0F6uZ', '/var/tmp/build-9o4Z6V/src', '/tmp/sp-cli-a1B2c3/kept.yaml'])
      expect(String(show(`sallyport init ${path}`))).toBe(`sallyport init ${path}`)
    for (const secret of ['a1B2c3D4-s2uS4L-k9Q0', '/s2uS4Lz0F6uZ9o4Z6V', 'key-s2uS4Lz0F6uZ9o4Z6V'])
      expect(String(show(`login ${secret}`))).not.toContain(secret)
  })
})
