import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatAddress } from '@sallyport/core/network'
import { admits, type Allowed, LOOPBACK_ALONE } from './allowed.ts'
import { readEvent } from './events.ts'
import { readHostText } from './host-text.ts'
import { environmentFor, refusedVariable } from './variables.ts'

const WEB: Allowed = { service: 'web', port: 8000, beyond: { addresses: 'any', ports: [{ first: 8000, last: 8000 }], protocols: ['tcp'] } }

function bound(text: string): string {
  const read = readHostText(text)
  return read.kind === 'address' ? `${formatAddress(read.address)}${read.port === undefined ? '' : ` ${read.port}`}` : read.kind
}

describe('what a text makes a program bind', () => {
  it.each([
    ['0.0.0.0', '0.0.0.0'],
    ['0', '0.0.0.0'],
    ['0x0', '0.0.0.0'],
    ['127.1', '127.0.0.1'],
    ['*', '::'],
    [':8080', ':: 8080'],
    ['[::]:8080', ':: 8080'],
    ['::', '::'],
    ['::ffff:0.0.0.0', '0.0.0.0'],
    ['[::1]', '::1'],
    ['LocalHost', '127.0.0.1'],
    ['http://*:5000', ':: 5000'],
    ['http://192.168.1.5:80/x', '192.168.1.5 80'],
    ['unix:/run/x.sock', 'nothing'],
    ['', 'nothing'],
    ['db.internal', 'name'],
    ['127.0.0.1.example.com', 'name'],
  ])('P1 · %j is %s', (text, expected) => {
    expect(bound(text)).toBe(expected)
  })

  it('P1 · never throws, and never takes an address of a neighbour for loopback', () => {
    fc.assert(fc.property(fc.string({ maxLength: 60 }), (text) => void readHostText(text)))
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        const refused = refusedVariable({ HOST: text }, LOOPBACK_ALONE)
        expect(refused === undefined).toBe(text.startsWith('127.'))
      }),
    )
  })
})

describe('variables', () => {
  it.each(['HOST', 'API_HOST', 'BIND', 'UVICORN_HOST', 'LISTEN_ADDR', 'HOSTNAME'])(
    'E8 · %s that exposes a private service is refused',
    (name) => {
      for (const value of ['0.0.0.0', '::', '192.168.1.5', '203.0.113.9:8000', '*'])
        expect(refusedVariable({ [name]: value }, LOOPBACK_ALONE)?.host).toBe(value)
      for (const value of ['127.0.0.1', 'localhost', '::1', '[::1]:8000', ''])
        expect(refusedVariable({ [name]: value }, LOOPBACK_ALONE)).toBe(undefined)
    },
  )

  it('E8 · a machine’s own name is no host that it was told to bind, and a port is no host', () => {
    expect(refusedVariable({ HOSTNAME: 'build-7', LISTEN: '8000' }, LOOPBACK_ALONE)).toBe(undefined)
    expect(refusedVariable({ HOST: 'build-7' }, LOOPBACK_ALONE)?.host).toBe('build-7')
  })

  it('E8 · what the policy means stays possible, on its port alone', () => {
    expect(refusedVariable({ HOST: '0.0.0.0' }, WEB)).toBe(undefined)
    expect(refusedVariable({ BIND: '0.0.0.0:8000' }, WEB)).toBe(undefined)
    expect(refusedVariable({ BIND: '0.0.0.0:9000' }, WEB)?.host).toBe('0.0.0.0:9000')
  })

  it('E8 · HOST and PORT are the policy’s where nothing allowed is given', () => {
    expect(environmentFor({ HOST: '' }, LOOPBACK_ALONE)).toMatchObject({ HOST: '127.0.0.1', API_HOST: '127.0.0.1' })
    expect(environmentFor({ HOST: '::1', PORT: '9000' }, LOOPBACK_ALONE)).toMatchObject({ HOST: '::1', PORT: '9000' })
    expect(environmentFor({}, WEB)).toMatchObject({ HOST: '0.0.0.0', PORT: '8000', API_PORT: '8000' })
  })
})

describe('events of the kernel', () => {
  const line = (rest: string) => `         my prog-1234    [001] ..... 60278.960537: inet_sock_set_state: ${rest}`
  const four =
    'family=AF_INET protocol=IPPROTO_TCP sport=40549 dport=0 saddr=0.0.0.0 daddr=0.0.0.0 saddrv6=::ffff:0.0.0.0 daddrv6=::ffff:0.0.0.0'
  const six = 'family=AF_INET6 protocol=IPPROTO_TCP sport=80 dport=0 saddr=0.0.0.0 daddr=0.0.0.0 saddrv6=2001:db8::1 daddrv6=::'

  it('P12 · are read: thread, address, port', () => {
    expect(readEvent(line(`${four} oldstate=TCP_CLOSE newstate=TCP_LISTEN`))).toEqual({
      thread: 1234,
      program: 'my prog',
      address: { family: 4, value: 0n },
      port: 40549,
    })
    const event = readEvent(line(`${six} oldstate=TCP_CLOSE newstate=TCP_LISTEN`))
    expect(event === undefined ? '' : formatAddress(event.address)).toBe('2001:db8::1')
    expect(readEvent(line(`${six} oldstate=TCP_CLOSE newstate=TCP_SYN_SENT`))).toBe(undefined)
    expect(readEvent('CPU:0 [LOST 12 EVENTS]')).toBe(undefined)
  })

  it('P12 · a program’s name cannot pass for an event', () => {
    expect(
      readEvent(`  x-1 [0] newstate-77 [000] ..... 1.0: inet_sock_set_state: ${four} oldstate=TCP_CLOSE newstate=TCP_LISTEN`)?.port,
    ).toBe(40549)
  })
})

it('P12 · the policy admits its own port beyond loopback, and every port on it', () => {
  const any = { family: 4, value: 0n } as const
  expect(admits(WEB, { protocol: 'tcp', address: any, port: 8000 })).toBe(true)
  expect(admits(WEB, { protocol: 'tcp', address: any, port: 8001 })).toBe(false)
  expect(admits(WEB, { protocol: 'udp', address: any, port: 8000 })).toBe(false)
  expect(admits(LOOPBACK_ALONE, { protocol: 'tcp', address: any, port: 8000 })).toBe(false)
  expect(admits(LOOPBACK_ALONE, { protocol: 'tcp', address: { family: 6, value: 1n }, port: 1 })).toBe(true)
})
