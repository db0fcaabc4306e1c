import { describe, expect, it } from 'vitest'
import { address } from '../../test/reach.ts'
import type { Ruleset } from '../evidence/index.ts'
import { formatPortSet } from '../network/index.ts'
import { readIptablesSave } from '../systems/netfilter/index.ts'
import { rewrites, translatedBy } from './translated.ts'

const FAMILY = { family: 4, backend: 'nft' } as const

const docker = readIptablesSave(
  [
    '*nat',
    ':PREROUTING ACCEPT [0:0]',
    ':DOCKER - [0:0]',
    '-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
    '-A PREROUTING -d 203.0.113.7/32 -p tcp -m tcp --dport 443 -j DNAT --to-destination 192.168.1.7',
    '-A PREROUTING ! -d 10.0.0.0/8 -p tcp -m tcp --dport 53 -j REDIRECT --to-ports 5353',
    '-A DOCKER -p tcp -m tcp --dport 8001 -j DNAT --to-destination 172.18.0.2:80',
    '-A DOCKER -d 192.168.1.10/32 -p tcp -m tcp --dport 8002 -j DNAT --to-destination 172.19.0.2:80',
    'COMMIT',
    '',
  ].join('\n'),
  FAMILY,
).ruleset

function ports(ruleset: Ruleset, text: string, local: boolean): string {
  return formatPortSet(translatedBy(ruleset, 'tcp', { address: address(text), local }).ports).join(' ')
}

describe('ports that rules send elsewhere', () => {
  it.each([
    ['198.51.100.10', true, '53 8001'],
    ['192.168.1.10', true, '53 8001-8002'],
    ['203.0.113.7', false, '53 443'],
    ['172.18.0.2', false, '53'],
    ['10.1.2.3', false, ''],
    ['10.1.2.3', true, '8001'],
    ['2001:db8::1', true, ''],
  ])('of packets to %s (local: %s) are %s', (to, local, expected) => {
    expect(ports(docker, to, local)).toBe(expected)
  })

  it('are all of them, where it is not said what packets are sent to', () => {
    expect(formatPortSet(translatedBy(docker, 'tcp').ports).join(' ')).toBe('53 443 8001-8002')
    expect(formatPortSet(translatedBy(docker, 'udp').ports)).toEqual([])
  })

  it('are one and the same set for addresses that have the same', () => {
    const at = (text: string) => translatedBy(docker, 'tcp', { address: address(text), local: true }).ports
    expect(at('198.51.100.10')).toBe(at('198.51.100.11'))
  })

  it('are not told by address where something writes packets over before', () => {
    const rewrite: Ruleset = {
      tool: 'nft',
      unread: [],
      tables: [
        {
          family: 'ip',
          name: 't',
          dormant: false,
          chains: new Map([
            [
              'c',
              {
                name: 'c',
                rules: [
                  {
                    origin: {} as never,
                    expressions: [{ kind: 'rewrite', text: '' as never, to: { part: 'destination', address: address('192.0.2.1') } }],
                  },
                ],
              },
            ],
          ]),
        },
      ],
    }
    expect(rewrites(rewrite)).toBe(true)
    expect(rewrites(docker)).toBe(false)
  })
})
