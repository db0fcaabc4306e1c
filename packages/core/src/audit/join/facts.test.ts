import { expect, test } from 'vitest'
import { effortOf } from '../../../test/effort.ts'
import { type Evidence, type Launch, Text, type Word } from '../../evidence/index.ts'
import { startFacts } from './facts.ts'

const text = new Text('compose.yaml', 'command: redis-server')
const origin = text.origin(9, 21)
const words = (count: number): readonly Word[] =>
  Array.from({ length: count }, (_, index) => ({ text: { kind: 'known', value: `10.0.0.${index}`, origin }, shown: origin.line }))

function launch(command: readonly Word[], port: number): Evidence<Launch> {
  const claim: Launch = {
    claim: 'launch',
    by: 'compose',
    name: 'cache',
    command,
    environment: new Map(),
    environmentFiles: [],
    instances: 1,
    serves: { program: 'redis', protocol: 'tcp', host: { kind: 'absent' }, port: { kind: 'known', value: port, origin }, defaultHost: '*' },
  }
  return { claim, origin, host: 'host', standing: 'configured', capturedAt: 0 }
}

test('what two projects say of one service is one, and what a service says twice in different ways is two', () => {
  const once = startFacts([launch(words(2), 1), launch(words(2), 1), launch(words(2), 2), launch(words(3), 1)])
  expect(once.launches.map(({ claim }) => [claim.command.length, claim.serves?.port])).toEqual([
    [2, { kind: 'known', value: 1, origin }],
    [2, { kind: 'known', value: 2, origin }],
    [3, { kind: 'known', value: 1, origin }],
  ])
})

test('C5 · the starts of one long command are soon told apart', async () => {
  const command = words(400)
  const starts = Array.from({ length: 400 }, (_, port) => launch(command, port))
  const effort = await effortOf(async () => expect(startFacts(starts).launches).toHaveLength(400))
  expect(effort).toBeLessThan(1000)
})
