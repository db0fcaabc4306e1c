import type { Gap } from '../../../evidence/index.ts'
import { builtFrom } from '../source/built.ts'
import { LIMITS } from '../../source-folder.ts'
import type { FoundGap } from '../../source-gaps.ts'
import type { Project } from '../source/project.ts'
import { around, type Node, nodeAt } from '../../tree.ts'

/** A call that makes something listen, as far as text alone can tell. */
const LISTENS = /\.\s*listen\s*\(|\bnew\s+WebSocketServer\s*\(|\bserve\s*\(\s*\{/

/** The same for a file that is too large for a person to have written it: what follows has to be a port. */
const LISTENS_PLAINLY = /\.\s*listen\s*\(\s*(?:\d|process\.env|[\w$.]*port\b|\{\s*(?:port|host))|\bnew\s+WebSocketServer\s*\(/i

/** Scripts for browsers and package managers, which are not what a folder starts. */
const VENDORED = /(?:^|\/)(?:public|static|assets|vendor|www|wwwroot|htdocs|client-dist|\.yarn)\/|\.min\.[cm]?js$/

/** Files that could not be parsed and in whose text something seems to listen. */
export function unparsedFiles(project: Project): readonly FoundGap[] {
  return [...project.unparsed].flatMap(([path, why]): readonly FoundGap[] => {
    const file = project.text(path)
    const match = file === undefined ? null : (why === 'too-large' ? LISTENS_PLAINLY : LISTENS).exec(file.content)
    // What was built is seen in its source.
    if (file === undefined || match === null || VENDORED.test(path) || builtFrom(path, project) !== undefined) return []
    const claim: Gap =
      why === 'no-parser'
        ? {
            claim: 'gap',
            code: 'tool-missing',
            what: 'the file has too many mistakes to be parsed, or there is no parser for JavaScript and TypeScript on this machine',
            affects: { kind: 'folder' },
          }
        : {
            claim: 'gap',
            code: 'limit',
            what: `the file is larger than what is parsed (${LIMITS.file} characters a file, ${LIMITS.folder} in all)`,
            affects: { kind: 'folder' },
          }
    return [{ claim, origin: file.origin(match.index, match.index + match[0].length) }]
  })
}

/** Calls that seem to listen in code that the parser does not understand, or too deep in it to be followed. */
export function brokenCode(path: string, project: Project): readonly FoundGap[] {
  const module = project.module(path)
  if (module === undefined) return []
  return [...module.file.content.matchAll(new RegExp(LISTENS, 'g'))].flatMap((match): readonly FoundGap[] => {
    const node = nodeAt(module.root, match.index + match[0].search(/\w/))
    const origin = module.file.origin(match.index, match.index + match[0].length)
    if (node === undefined)
      return [
        {
          claim: { claim: 'gap', code: 'limit', what: 'the code here is nested too deep to be followed', affects: { kind: 'folder' } },
          origin,
        },
      ]
    if (!isBroken(node)) return []
    return [
      { claim: { claim: 'gap', code: 'not-understood', what: 'the code here is not understood', affects: { kind: 'folder' } }, origin },
    ]
  })
}

/** Whether the parser gave up before it made a call of what stands here. */
function isBroken(word: Node): boolean {
  if (word.kind === 'comment' || word.kind === 'string_fragment') return false
  return (word.kind === 'ERROR' ? word : around(word, CALL_OR_ERROR))?.kind === 'ERROR'
}

const CALL_OR_ERROR: ReadonlySet<string> = new Set(['ERROR', 'call_expression', 'new_expression'])
