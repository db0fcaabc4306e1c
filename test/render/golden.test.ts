import { parsePrefix } from '@sallyport/core/network'
import { describe, expect, it } from 'vitest'
import { goldenFile } from '../../packages/core/test/reader.ts'
import { policyOf, writerOf } from './written.ts'

/** `#### title`, `=== sallyport.yaml`, perhaps `=== asked` with `environment`, `service`, `host` or `link`, `----`, and what is written. */
const SYSTEMS = ['nginx', 'pm2', 'compose', 'systemd', 'fail2ban', 'dotenv', 'nftables', 'iptables', 'ufw']

async function written(system: string, files: ReadonlyMap<string, string>): Promise<string> {
  const asked = Object.fromEntries((files.get('asked') ?? '').split('\n').flatMap((line) => (line === '' ? [] : [line.split(' ', 2)])))
  const { environment, link, ...options } = asked as { environment?: string; service?: string; host?: string; link?: string }
  const links = link === undefined ? [] : [parsePrefix(link) ?? []].flat()
  const made = (await writerOf(system)).write(policyOf(files.get('sallyport.yaml') ?? '', environment), { ...options, links })
  if (made.kind === 'refused') return `refused: ${made.why}\n${made.next}`
  const notes = made.notes.map((note) => `note: ${note}\n`)
  return [notes.join(''), ...made.files.map(({ path, text, host }) => `>>> ${host}:${path}\n${text}`)].join('\n')
}

for (const system of SYSTEMS) {
  const path = new URL(`golden/${system}.golden`, import.meta.url).pathname
  const cases = await goldenFile(path, (files) => written(system, files))
  describe(`render ${system}`, () => {
    it.each(cases)('$title', ({ actual, expected }) => expect(actual).toBe(expected))
  })
}
