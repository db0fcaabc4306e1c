import type { Node } from '../../tree.ts'
import type { Change, Identity } from '../values/changed.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { unknown } from '../values/values.ts'
import type { Listening } from './forms.ts'
import type { Receiver } from './receivers.ts'

/** What servers inherit `listen` from: a program that gives it anew there changes what every server does. */
const PROTOTYPES: readonly Identity[] = [
  'library node:net#Server.prototype',
  'library node:http#Server.prototype',
  'library node:https#Server.prototype',
  'library express#application',
]

/** What a call does, unless the program puts another function in the method's place: that one decides then. */
export function unlessReplaced(
  listening: Listening,
  { meaning, row }: Receiver,
  method: string,
  call: Node,
  evaluator: Evaluator,
): Listening {
  if (listening.kind !== 'binds' || row.protocol !== 'tcp') return listening
  const own: readonly Identity[] = meaning.kind === 'server' ? [meaning.made] : []
  const [change] = [...own, ...PROTOTYPES].flatMap((what): readonly Change[] =>
    evaluator.changes.of(what, method).filter(({ node }) => evaluator.project.together(node.file.path, call.file.path)),
  )
  return change === undefined ? listening : { ...listening, host: unknown(`\`${method}\` itself is replaced here`, change.node.origin) }
}
