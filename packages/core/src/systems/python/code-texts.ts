import type { Bind, FileOrigin, Value } from '../../evidence/index.ts'
import { argumentsOf } from './call-arguments.ts'
import { runsOf } from './entries.ts'
import type { Evaluator } from './evaluator.ts'
import { knownCall, type KnownCall, servesApplication } from './frameworks.ts'
import type { Module } from './module.ts'
import { isTestCode } from './test-code.ts'

const CALL = /\b([a-zA-Z_]\w*(?:\.\w+)*)\s*\(/g
/** A listening socket: what it is bound to stands in the text. */
const BINDS = /\.bind\s*\(\s*\(/

export function mayRunText(content: string): boolean {
  return /\b(?:exec|eval)\s*\(/.test(content)
}

/** A server that is started by code in a text: `exec("uvicorn.run(…)")`. That it is there is seen, and not what it binds. */
export function runTexts(evaluator: Evaluator, module: Module): readonly { readonly claim: Bind; readonly origin: FileOrigin }[] {
  return ['exec', 'eval'].flatMap((name) =>
    module.occurrences(name).flatMap((node) => {
      const call = node.parent
      if (call?.kind !== 'call' || call.field('function') !== node) return []
      const [first] = argumentsOf(call, undefined).positional
      const text = first === undefined ? undefined : evaluator.text(evaluator.evaluate(first))
      const known = text === undefined ? undefined : serverIn(text)
      if (known === undefined) return []
      const { framework } = known
      const undecided: Value = { kind: 'unknown', reason: 'the server is started by code in a text', origin: call.origin }
      const claim: Bind = {
        claim: 'bind',
        framework: framework.id,
        language: 'python',
        protocol: framework.protocol,
        host: undecided,
        port: undecided,
        defaultHost: framework.defaultHost,
        test: isTestCode(module.file),
        ...runsOf(evaluator, call, servesApplication(known)),
      }
      return [{ claim, origin: call.origin }]
    }),
  )
}

function serverIn(text: string): KnownCall | undefined {
  if (BINDS.test(text)) return knownCall('socket.socket().bind')
  return [...text.matchAll(CALL)].map(([, name = '']) => knownCall(name)).find((known) => known !== undefined)
}
