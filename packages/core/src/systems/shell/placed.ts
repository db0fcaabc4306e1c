import type { FileOrigin, Value } from '../../evidence/index.ts'
import { ABSENT } from '../../evidence/index.ts'
import { joinPath, relativePath } from '../paths.ts'
import { IN_FOLDER } from './expand.ts'
import type { Scope } from './scope.ts'

/** Turns paths in the folder into what they are from the working directory, as the program that is started sees them. */
export function placed(value: Value, scope: Scope): Value {
  switch (value.kind) {
    case 'known': {
      const text = String(value.value)
      return text.includes(IN_FOLDER) ? { ...value, value: text.replaceAll(PLACED, (_, path: string) => fromHere(path, scope)) } : value
    }
    case 'environment':
    case 'argument':
      return { ...value, fallback: placed(value.fallback, scope) }
    case 'joined':
      return { ...value, parts: value.parts.map((part) => placed(part, scope)) }
    case 'choice':
      return { ...value, options: value.options.map((option) => placed(option, scope)) }
    case 'absent':
    case 'unknown':
      return value
    default:
      return value satisfies never
  }
}

const PLACED = new RegExp(`${IN_FOLDER}([^\\s:${IN_FOLDER}]*)`, 'g')

function fromHere(path: string, scope: Scope): string {
  const directory = scope.directory ?? ''
  return directory.startsWith('/') ? path : relativePath(directory, joinPath('', path) ?? path)
}

/** A value that is put together of more is not known. */
const PARTS = 64

/** The text added behind the other, again and again in some scripts. */
export function joinKnown(before: Value, text: Value, origin: FileOrigin): Value {
  if (before.kind === 'known' && text.kind === 'known') return { kind: 'known', value: `${before.value}${text.value}`, origin }
  const parts = [before, text].flatMap((part) => (part.kind === 'joined' ? part.parts : part === ABSENT ? [] : [part]))
  return parts.length > PARTS ? { kind: 'unknown', reason: 'put together of too many parts', origin } : { kind: 'joined', parts, origin }
}
