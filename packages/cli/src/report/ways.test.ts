import { addressSet, sourceSet } from '@sallyport/core/network'
import type { Blocked, PathStep } from '@sallyport/core/reach'
import { describe, expect, it } from 'vitest'
import { alike, senderText } from './ways.ts'

const at = { address: { family: 4, value: 0x0a4d_0002n }, port: 80 } as const
const item = (path: readonly PathStep[], more: Partial<Blocked> = {}): Blocked => ({
  sender: 'host',
  family: 4,
  sources: sourceSet(addressSet('192.0.2.1', '10.77.0.1')),
  at,
  entry: { namespace: 'server', device: 'docker0' },
  rejected: false,
  path,
  ...more,
})
const SENT: PathStep = { kind: 'send', ...at }
const CAME: PathStep = { kind: 'enter', device: 'docker0', ...at }

describe('who sends', () => {
  it('is the machine itself, some of its addresses, or its containers', () => {
    expect(senderText(item([SENT]))).toBe('this machine')
    expect(senderText(item([SENT], { entire: true }))).toBe('this machine')
    expect(senderText(item([SENT], { entire: false }))).toBe('this machine, sending as 10.77.0.1 or 192.0.2.1')
    const many = sourceSet(addressSet('192.0.2.1', '192.0.2.3', '192.0.2.5', '192.0.2.7'))
    expect(senderText(item([SENT], { entire: false, sources: many }))).toBe('this machine, sending as some of its addresses')
    expect(senderText(item([CAME]))).toBe('containers of this machine')
  })

  it('tells what the machine sends itself, and by which device, from what comes in', () => {
    const byLo = item([SENT], { entry: { namespace: 'server', device: 'lo' } })
    expect(alike([item([SENT]), item([CAME]), byLo, item([SENT])]).map((group) => group.length)).toEqual([2, 1, 1])
  })
})
