/** An element of a small XML file: its name, attributes and children; text between them is of no use here. */
export interface Element {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly Element[]
  /** Where its tag begins. */
  readonly offset: number
}

interface OpenElement extends Element {
  readonly children: Element[]
}

/** Deeper than any of firewalld's files nests (firewalld.zone(5), firewalld.service(5)). */
const DEEPEST = 16

/** Reads the tags, one after the other. `undefined`: they do not close as they open, or are no tags. */
export function readXml(text: string): Element | undefined {
  const root: OpenElement = { name: '', attributes: new Map(), children: [], offset: 0 }
  const open: OpenElement[] = [root]
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) {
    if (text.startsWith('<!--', at)) {
      const end = text.indexOf('-->', at)
      if (end < 0) return undefined
      at = end
      continue
    }
    if (text[at + 1] === '?' || text[at + 1] === '!') continue
    const end = text.indexOf('>', at)
    if (end < 0) return undefined
    const tag = text.slice(at + 1, end)
    if (tag.includes('<')) return undefined
    const parent = open.at(-1)
    if (tag.startsWith('/')) {
      if (open.length === 1 || parent?.name !== tag.slice(1).trim()) return undefined
      open.pop()
      continue
    }
    const name = /^[\w-]+/.exec(tag)?.[0]
    if (name === undefined || parent === undefined || open.length > DEEPEST) return undefined
    const attributes = new Map(
      Array.from(tag.matchAll(ATTRIBUTE), ([, key = '', double, single]) => [key, double ?? single ?? ''] as const),
    )
    const element: OpenElement = { name, attributes, children: [], offset: at }
    parent.children.push(element)
    if (!tag.endsWith('/')) open.push(element)
  }
  return open.length === 1 && root.children.length === 1 ? root.children[0] : undefined
}

const ATTRIBUTE = /([\w-]{1,64})=(?:"([^"]*)"|'([^']*)')/g
