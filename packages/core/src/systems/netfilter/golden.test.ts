import { describe, expect, it } from 'vitest'
import { goldenFile } from '../../../test/reader.ts'
import { printed } from '../../../test/netfilter/words.ts'
import { FAMILIES } from '../../network/index.ts'
import { readIptablesSave, readNftJson } from './index.ts'

const folder = `${import.meta.dirname}/golden`

function read(files: ReadonlyMap<string, string>): string {
  const ipsets = files.get('ipset')
  return [...files]
    .flatMap(([name, text]) => {
      if (name === 'nft') return [printed(readNftJson(text))]
      const backend = name.endsWith('legacy') ? 'legacy' : 'nft'
      const family = FAMILIES.find((one) => name.startsWith(one === 4 ? 'iptables' : 'ip6tables'))
      return family === undefined ? [] : [printed(readIptablesSave(text, { family, backend, ...(ipsets === undefined ? {} : { ipsets }) }))]
    })
    .join('\n')
}

describe.each(['iptables.golden', 'nft.golden', 'hostile.golden'])('what is read in %s', async (name) => {
  for (const { title, expected, actual } of await goldenFile(`${folder}/${name}`, async (files) => read(files))) {
    it(title, () => expect(actual).toBe(expected))
  }
})
