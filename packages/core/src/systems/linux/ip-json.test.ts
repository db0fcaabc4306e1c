import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseIpJson } from './index.ts'

/** As iproute2's jsonw_puts writes a text. `quote`: as its older versions did. */
function written(text: string, quote: boolean): string {
  const escapes: Readonly<Record<string, string>> = {
    '\t': '\\t',
    '\n': '\\n',
    '\r': '\\r',
    '\f': '\\f',
    '\b': '\\b',
    '\\': '\\\\',
    '"': '\\"',
    ...(quote ? { "'": "\\'" } : {}),
  }
  return `"${text.replace(/[\s\S]/g, (character) => escapes[character] ?? character)}"`
}

describe('what ip -j prints', () => {
  it('C4 · is read whatever an interface is named', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('\u0001', '\u001b', '\u007f', '\u009b', '"', "'", '\\', 'u', 'n', '0', '}', ',', '\n') }),
        fc.boolean(),
        (name, quote) => {
          expect(parseIpJson(`[{"ifindex":3,"ifname":${written(name, quote)}}]`)).toEqual([{ ifindex: 3, ifname: name }])
        },
      ),
    )
  })

  it('is not made up where it is no JSON', () => {
    for (const text of ['', 'x', '[{"ifname":"a}]', '[{"ifname":"a"']) expect(parseIpJson(text)).toBeUndefined()
  })
})
