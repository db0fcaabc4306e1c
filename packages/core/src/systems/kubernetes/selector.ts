import { entriesOf, entry, textOf, type Tree } from '../yaml.ts'

/** Kind and name of what a strategic merge patch is for, as a selector. */
export function identityOf(patch: Tree): Tree | undefined {
  const [kind, name] = [entriesOf(patch).get('kind'), entriesOf(entry(patch, 'metadata')).get('name')]
  if (patch.kind !== 'mapping' || kind === undefined || name === undefined) return undefined
  return {
    ...patch,
    entries: new Map([
      ['kind', kind],
      ['name', name],
    ]),
  }
}

/** Texts that a selector takes as they are; it takes any other for a regular expression. */
const PLAIN = /^[\w-]*$/

/** `maybe`: the selector has what is not followed. Each part of it that is there has to fit. */
export function isChosen(object: Tree, selector: Tree): 'yes' | 'maybe' | 'no' {
  const metadata = entry(object, 'metadata')
  const [group, version] = groupOf(textOf(entry(object, 'apiVersion')) ?? '')
  const own: Readonly<Record<string, string | undefined>> = {
    kind: textOf(entry(object, 'kind')),
    name: textOf(entry(metadata, 'name')),
    group,
    version,
  }
  let isCertain = true
  for (const [key, { value }] of entriesOf(selector)) {
    const asked = textOf(value) ?? ''
    if (asked === '' || asked === '.*' || key === 'namespace') continue
    if (!Object.hasOwn(own, key)) isCertain = false
    else if (key === 'group' || key === 'version' || PLAIN.test(asked)) {
      if (own[key] !== asked) return 'no'
    } else if (own[key] !== asked) isCertain = false
  }
  return isCertain ? 'yes' : 'maybe'
}

function groupOf(apiVersion: string): readonly [string, string] {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? ['', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)]
}
