import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Box, layoutOf } from '../../packages/core/src/systems/diagram/layout.ts'
import { mermaidText } from '../../packages/core/src/systems/diagram/mermaid.ts'
import type { Picture } from '../../packages/core/src/systems/diagram/picture.ts'
import { pictureOf } from '../../packages/core/src/systems/diagram/policy.ts'
import { svgText } from '../../packages/core/src/systems/diagram/svg.ts'
import { randomPolicies } from './aws-random.ts'
import { policyOf, textFor, writerOf } from './written.ts'

const RUNS = Number(process.env['SALLYPORT_FUZZ'] ?? 200)

const apart = (a: Box, b: Box): boolean => a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y

/** Every tag is closed in its order, and no text has a character that XML keeps for itself. */
function isWellFormed(text: string): boolean {
  const open: string[] = []
  for (const [, between = '', tag = ''] of text.matchAll(/([^<]*)<([^>]*)>/g)) {
    if (/&(?!(?:amp|lt|gt|quot|#39);)/.test(between) || />/.test(between)) return false
    if (!/^\/?[a-z]+(?: [a-zA-Z:-]+="[^"<&]*")*\/?$/.test(tag)) return false
    const name = /^\/?([a-z]+)/.exec(tag)?.[1] ?? ''
    if (tag.startsWith('/') ? open.pop() !== name : !tag.endsWith('/') && open.push(name) < 0) return false
  }
  return open.length === 0
}

describe('a diagram', () => {
  it('I13 · of any policy: boxes do not lie on one another, and every arrow and every service is drawn', () => {
    fc.assert(
      fc.property(randomPolicies, (text) => {
        const picture = pictureOf(policyOf(text))
        const { services, sources, hosts, arrows, width, height } = layoutOf(picture)
        const boxes = [...services, ...sources].map(({ box }) => box)
        for (const [index, box] of boxes.entries()) for (const other of boxes.slice(index + 1)) expect(apart(box, other)).toBe(true)
        for (const [index, { box }] of hosts.entries()) for (const other of hosts.slice(index + 1)) expect(apart(box, other.box)).toBe(true)
        for (const box of boxes) expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height).toBe(true)
        expect(arrows).toHaveLength(picture.arrows.length)
        expect(isWellFormed(svgText(picture))).toBe(true)
      }),
      { numRuns: RUNS },
    )
  })

  it('I13 · a service has no arrow exactly where the policy lets nobody in from elsewhere', () => {
    fc.assert(
      fc.property(randomPolicies, (text) => {
        const policy = policyOf(text)
        const { hosts } = pictureOf(policy)
        for (const { id, services } of hosts)
          for (const { label, shut } of services) {
            const own = id.replace('host ', '')
            const from = policy.services.get(label)?.from ?? []
            const isLetIn = from.some((ref) =>
              ref.kind === 'built-in'
                ? ref.name === 'internet' || ref.name === 'private'
                : ref.kind === 'host' || ref.kind === 'service'
                  ? ref.hosts.some((host) => host !== own)
                  : true,
            )
            expect({ label, own, shut }).toEqual({ label, own, shut: !isLetIn })
          }
      }),
      { numRuns: RUNS },
    )
  })

  it('text of others stays text', () => {
    const hostile = ['</text><script>alert(1)</script>', '"] --> x', '`**b**`', 'a&b;c#35;', ']]>', '%%{init: {}}%%', '\u0007\ufffe'].join(
      ' ',
    )
    const picture: Picture = {
      title: hostile,
      sources: [{ id: 'a', label: hostile, detail: hostile }],
      hosts: [{ id: 'h', label: hostile, services: [{ id: 's', label: hostile, detail: hostile, door: true, shut: false }] }],
      arrows: [{ from: 'a', to: 's', label: hostile, carries: 'packets', perhaps: true }],
    }
    const svg = svgText(picture)
    expect(isWellFormed(svg)).toBe(true)
    expect(svg).not.toContain('<script')
    const mermaid = mermaidText(picture)
    for (const line of mermaid.split('\n').slice(1)) expect(line.replaceAll(/"[^"]*"/g, '')).not.toMatch(/script|alert|init|35;/)
    expect(mermaid.split('\n')[0]).not.toContain('{')
  })

  it('compared, what it says counts and not where things stand', async () => {
    const policy = policyOf('version: 1\nservices: { web: { port: 443, from: internet }, app: { port: 3000 } }\n')
    for (const name of ['diagram', 'mermaid']) {
      const [writer, text] = [await writerOf(name), await textFor(name, policy)]
      const differences = (changed: string) =>
        writer.compare([{ path: 'p', text }], () => ({ kind: 'text', text: changed }), {
          filters: () => [],
          tools: { parseSource: () => undefined },
        } as never)
      expect(differences(text.replaceAll(/ x="\d+"/g, ' x="1"').replaceAll(/\n {2,}/g, '\n    '))).toEqual([])
      expect(differences(text.replaceAll('tcp 443', 'tcp 80')).length).toBeGreaterThan(0)
      expect(differences('').length).toBeGreaterThan(0)
    }
  })
})
