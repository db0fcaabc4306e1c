import { printable } from '../evidence/index.ts'
import type { HostName, Policy } from '../policy/index.ts'
import type { WriteOptions, Written, WrittenFile } from './write.ts'
import { orRefused } from './unwritable.ts'

/** What is written for one host. */
export interface HostFiles {
  readonly files: readonly WrittenFile[]
  readonly notes: readonly string[]
}

/**
 * Files for each machine that is asked for and has a part in what is written; `undefined` from `write`: it has none. What is refused for one is
 * refused.
 */
export function writtenFor(
  policy: Policy,
  options: WriteOptions,
  write: (host: HostName) => HostFiles | undefined,
  none: { readonly why: string; readonly next: string },
): Written {
  return orRefused(() => {
    const used = new Set([...policy.services.values()].flatMap((service) => service.hosts))
    const hosts = [...policy.hosts.values()].filter(
      ({ name, managed }) => used.has(name) && managed === undefined && (options.host === undefined || name === options.host),
    )
    const all = hosts.flatMap(({ name }) => {
      const made = write(name)
      return made === undefined || made.files.length === 0 ? [] : [{ name, ...made }]
    })
    if (all.length === 0) return { kind: 'refused', ...none }
    return {
      kind: 'written',
      files: all.flatMap(({ name, files }) => files.map((file) => ({ ...file, host: name }))),
      notes: [...new Set(all.flatMap(({ name, notes }) => notes.map((note) => (all.length > 1 ? `${name}: ${note}` : note))))],
    }
  })
}

/** The lines that a file begins with, without the sign of a comment. */
export function madeFor(policy: Policy, host: HostName, what: string): readonly string[] {
  const environment = policy.environment === undefined ? '' : `, ${policy.environment}`
  return [
    `${printable(policy.name)}, ${host}${environment}: ${what}, from sallyport.yaml.`,
    'Made by sallyport render: changes belong into the policy.',
  ]
}
