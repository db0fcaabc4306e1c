import type { Draft } from '../../source-edit/draft.ts'
import { indentAt, lineEnd, newlineOf } from '../../source-edit/layout.ts'
import type { Node } from '../../tree.ts'
import { propertyName } from '../source/syntax.ts'

/** The member of an object literal that gives `name`: a pair, `{ name }`, or a method. */
export function memberNamed(object: Node, name: string): Node | undefined {
  return object.named.findLast(
    (member) => (member.kind === 'shorthand_property_identifier' ? member.content : propertyName(member.field('key'))) === name,
  )
}

/** Puts `name: value` into an object literal, behind `beside` where nothing that follows could take its place. */
export function addMember(object: Node, name: string, value: string, beside: string, draft: Draft): void {
  const { content } = object.file
  const members = object.named
  const spread = members.findLastIndex((member) => member.kind === 'spread_element')
  const neighbour = members.findIndex((member, index) => index > spread && member === memberNamed(object, beside))
  const last = members[neighbour < 0 ? members.length - 1 : neighbour]
  const short = members.some((member) => member.kind === 'shorthand_property_identifier')
  const text = name === value && short ? name : `${name}: ${value}`
  if (last === undefined) {
    draft.replace(object, `{ ${text} }`)
    return
  }
  const before = members[members.indexOf(last) - 1]
  const opened = object.start + 1
  const ownLine = /[\r\n]/.test(content.slice(before?.end ?? opened, last.start))
  if (!ownLine) {
    draft.insert(object, last.end, `,${/\s/.test(content.charAt(opened)) || content.includes(': ') ? ' ' : ''}${text}`)
    return
  }
  const newline = newlineOf(content)
  const indent = indentAt(content, last.start)
  const comma = object.children.find((child) => child.kind === ',' && child.start >= last.end)
  const end = lineEnd(content, comma?.start ?? last.end)
  // What stands behind it in its line is a comment about it, or the next member.
  const rest = content.slice(comma?.end ?? last.end, end)
  const isComment = /^\s*(?:$|\/\/|\/\*(?:(?!\*\/).)*\*\/\s*$)/.test(rest) && end <= object.end
  if (!isComment) {
    draft.insert(object, last.end, `,${newline}${indent}${text}`)
  } else if (comma === undefined) {
    draft.insert(object, last.end, ',')
    draft.insert(object, end, `${newline}${indent}${text}`)
  } else draft.insert(object, end, `${newline}${indent}${text},`)
}
