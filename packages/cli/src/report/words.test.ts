import { show } from '@sallyport/core/evidence'
import { parseAddress } from '@sallyport/core/network'
import { expect, it } from 'vitest'
import { placeText, predictedText, reachText } from './words.ts'

const start = { line: 1, column: 1, offset: 0 }
const behind = { line: 1, column: 7, offset: 6 }

it('what runs on loopback and what a file binds there are told by the same words', () => {
  const address = parseAddress('127.0.0.1')
  if (address === undefined) throw new RangeError('127.0.0.1')
  const endpoint = { namespace: '1', protocol: 'tcp', address, port: 7001, sockets: [] } as const
  const cause = { kind: 'file', path: 'server.js', span: { start, end: behind }, line: show('listen') } as const
  const words = reachText({ endpoint, ways: [], blocked: [] })
  expect(predictedText({ protocol: 'tcp', port: 7001, exposure: 'loopback', cause, contained: false })).toBe(`tcp 7001  ${words}`)
})

it('a place has a line where there is one to go to', () => {
  expect(placeText({ kind: 'file', path: 'worker', span: { start, end: start }, line: show('') })).toBe('worker')
  expect(placeText({ kind: 'file', path: 'a.js', span: { start, end: behind }, line: show('listen') })).toBe('a.js:1:1')
})
