import { expect, it } from 'vitest'
import type { Evidence } from '../../evidence/index.ts'
import { parsePolicy } from '../../policy/index.ts'
import { audit } from '../index.ts'
import { see, SERVER } from '../../../test/server.ts'

it('V7 · C4 · a service of which nothing listens is not running where all was seen, and was not seen to run where not', () => {
  const text = 'version: 1\nservices:\n  gone: { port: 9111 }\n'
  const { policy } = parsePolicy({ files: new Map([['sallyport.yaml', text]]), entry: 'sallyport.yaml' })
  const said = (...evidence: readonly Evidence[]): readonly string[] =>
    audit({ evidence: [...SERVER, ...evidence], policy, folder: '/srv', now: 0, environment: undefined })
      .findings.filter(({ rule }) => rule === 'service-missing')
      .flatMap(({ message, fix }) => [message, fix ?? ''])
  expect(said()).toEqual(['gone is declared on port 9111 and is not running', 'start it, or take it out of the policy'])
  const hidden = see({ claim: 'gap', code: 'denied', what: 'the network namespaces of 2 processes', affects: { kind: 'containers' } })
  expect(said(hidden)).toEqual([
    'gone is declared on port 9111 and was not seen to run, and not everything that listens was seen',
    'run as root to see whether it runs; if not, start it, or take it out of the policy',
  ])
})
