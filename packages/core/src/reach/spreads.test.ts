import { describe, expect, it } from 'vitest'
import { address, device, namespace } from '../../test/reach.ts'
import { show } from '../evidence/index.ts'
import { addressSet, ALL_ADDRESSES, ALL_PORTS, portSet, sourceSet } from '../network/index.ts'
import { Spreads } from './spreads.ts'
import type { Packet, Travel } from './travel.ts'

const server = namespace('1', { interfaces: [device('eth0', ['192.0.2.10/24'])] })
const [eth0] = server.interfaces
const port = eth0 === undefined ? expect.fail('no interface') : { namespace: server, device: eth0 }
const ANYWHERE = { addresses: ALL_ADDRESSES, ports: ALL_PORTS }

function sent(to: number, from: string, reason = 'a match'): readonly [Travel, Packet] {
  const at = { address: address('192.0.2.10'), port: to }
  const travel: Travel = {
    parties: [],
    family: 4,
    protocol: 'tcp',
    at,
    cast: 'unicast',
    portClass: (number) => number,
    entry: { namespace: '1', device: 'eth0' },
  }
  const reasons = [{ text: show(reason) }]
  return [travel, { ...at, sources: sourceSet(addressSet(from)), senders: undefined, path: [], reasons, certain: false }]
}

describe('packets that may have gone anywhere', () => {
  it('C4 · are told of once, and again for senders of whom it was not told', () => {
    const spreads = new Spreads()
    const isNews = (...what: readonly [Travel, Packet]) => spreads.isNews(port, ...what, ANYWHERE, false)
    expect(isNews(...sent(80, '203.0.113.0/25'))).toBe(true)
    expect(isNews(...sent(80, '203.0.113.0/26'))).toBe(false)
    expect(isNews(...sent(80, '203.0.113.0/24'))).toBe(true)
    expect(isNews(...sent(80, '203.0.113.0/25', 'another match'))).toBe(true)
    expect(isNews(...sent(81, '203.0.113.0/25'))).toBe(true)
  })

  it('C4 · of very many only those are told that reach further than what was told', () => {
    const spreads = new Spreads()
    const isNews = (to: number, from: string, elsewhere = ANYWHERE) => spreads.isNews(port, ...sent(to, from), elsewhere, false)
    const narrow = { addresses: ALL_ADDRESSES, ports: portSet(443) }
    const news = Array.from({ length: 10_000 }, (_, index) => isNews(index + 1, '203.0.113.0/24', narrow)).filter(Boolean)
    expect(news.length).toBe(64)
    expect(isNews(10_001, '203.0.113.0/24')).toBe(true)
    expect(isNews(10_002, '203.0.113.0/24')).toBe(false)
    expect(isNews(10_003, '198.51.100.0/24', narrow)).toBe(true)
  })
})
