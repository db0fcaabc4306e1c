import { parsePolicy, type Policy } from '@sallyport/core/policy'
import { WRITABLE, type Writer, type Written, type WriteOptions } from '@sallyport/core/systems'

/** A policy of one file; throws where it has a mistake. */
export function policyOf(text: string, environment?: string): Policy {
  const { policy, diagnostics } = parsePolicy({
    files: new Map([['sallyport.yaml', text]]),
    globs: new Map(),
    entry: 'sallyport.yaml',
    ...(environment === undefined ? {} : { environment }),
  })
  const mistakes = diagnostics.filter(({ severity }) => severity === 'error')
  if (policy === undefined || mistakes.length > 0) throw new Error(mistakes.map(({ message }) => message).join('\n'))
  return policy
}

export async function writerOf(name: string): Promise<Writer> {
  const system = WRITABLE.find((each) => each.name === name)
  if (system === undefined) throw new Error(`nothing is written for ${name}`)
  return system.load()
}

export type Rendered = Extract<Written, { readonly kind: 'written' }>

/** Throws where nothing can be written. */
export async function rendered(name: string, policy: Policy, options: WriteOptions = {}): Promise<Rendered> {
  const made = (await writerOf(name)).write(policy, options)
  if (made.kind === 'refused') throw new Error(`${made.why}: ${made.next}`)
  return made
}

/** The text of the only file, or of the one at a path. */
export async function textFor(name: string, policy: Policy, path?: string): Promise<string> {
  const { files } = await rendered(name, policy)
  const file = path === undefined ? files[0] : files.find((each) => each.path === path)
  if (file === undefined || (path === undefined && files.length > 1))
    throw new Error(`${name} has ${files.map((each) => each.path).join(', ')}`)
  return file.text
}
