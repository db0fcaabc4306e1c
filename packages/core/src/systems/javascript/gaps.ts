import { type FileOrigin, type Gap, Text } from '../../evidence/index.ts'
import type { FileState } from '../system.ts'
import { builtFrom } from './built.ts'
import { DECLARATIONS } from './paths.ts'
import { LIMITS, type Project } from './project.ts'
import { nodeAt } from './syntax.ts'
import { isTestCode } from './test-code.ts'

export interface FoundGap {
  readonly claim: Gap
  readonly origin: FileOrigin
}

/** A call that makes something listen, as far as text alone can tell. */
const LISTENS = /\.\s*listen\s*\(|\bnew\s+WebSocketServer\s*\(|\bserve\s*\(\s*\{/

/** Scripts for browsers, which listen nowhere. */
const BROWSER = /(?:^|\/)(?:public|static|assets|vendor|www|wwwroot|htdocs|client-dist)\/|\.min\.[cm]?js$/

/** Files that nothing could be read from, where one of them may start a server. */
export function unreadFiles(project: Project): readonly FoundGap[] {
  return project.snapshot.matched.flatMap((path): readonly FoundGap[] => {
    const state = project.snapshot.file(path)
    if (state === undefined || DECLARATIONS.test(path) || BROWSER.test(path) || isTestCode(path, '')) return []
    const told = described(state)
    return told === undefined ? [] : [{ claim: { claim: 'gap', ...told, affects: { kind: 'folder' } }, origin: new Text(path, '').origin(0, 0) }]
  })
}

function described(state: FileState): Pick<Gap, 'code' | 'what' | 'remedy'> | undefined {
  switch (state.kind) {
    case 'text':
    case 'absent':
      return undefined
    case 'denied':
      return { code: 'denied', what: 'the file may not be read', remedy: 'run as a user who may read it' }
    case 'too-large':
      return { code: 'too-large', what: `the file has ${state.bytes} bytes and is not read` }
    case 'not-text':
      return { code: 'not-text', what: `the file is no text: ${state.reason}` }
    case 'not-a-file':
      return { code: 'not-a-file', what: `it is ${state.what}` }
    default:
      return state satisfies never
  }
}

/** Files that could not be parsed and in whose text something seems to listen. */
export function unparsedFiles(project: Project): readonly FoundGap[] {
  return [...project.unparsed].flatMap(([path, why]): readonly FoundGap[] => {
    const file = project.text(path)
    const match = file === undefined ? null : LISTENS.exec(file.content)
    // What was built is seen in its source.
    if (file === undefined || match === null || BROWSER.test(path) || builtFrom(path, project) !== undefined) return []
    const claim: Gap =
      why === 'no-parser'
        ? { claim: 'gap', code: 'tool-missing', what: 'there is no parser for JavaScript and TypeScript on this machine', affects: { kind: 'folder' } }
        : { claim: 'gap', code: 'limit', what: `the file is larger than what is parsed (${LIMITS.file} characters a file, ${LIMITS.folder} in all)`, affects: { kind: 'folder' } }
    return [{ claim, origin: file.origin(match.index, match.index + match[0].length) }]
  })
}

/** Calls that seem to listen in code that the parser does not understand. */
export function brokenCode(path: string, project: Project): readonly FoundGap[] {
  const module = project.module(path)
  if (module === undefined) return []
  const found: FoundGap[] = []
  for (const match of module.file.content.matchAll(new RegExp(LISTENS, 'g'))) {
    const word = match.index + match[0].search(/\w/)
    let node = nodeAt(module.root, word)
    if (node === undefined || node.kind === 'comment' || node.kind === 'string_fragment') continue
    while (node !== undefined && node.kind !== 'ERROR' && node.kind !== 'call_expression' && node.kind !== 'new_expression') node = node.parent
    if (node?.kind !== 'ERROR') continue
    found.push({
      claim: { claim: 'gap', code: 'not-understood', what: 'the code here is not understood', affects: { kind: 'folder' } },
      origin: module.file.origin(match.index, match.index + match[0].length),
    })
  }
  return found
}

