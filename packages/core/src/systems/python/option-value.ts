import type { CommandLine, FileOrigin, Value } from '../../evidence/index.ts'

/** The value of an option by its names as they are written: the long ones first, as people give those. */
export function optionValue(
  names: readonly string[],
  fallback: Value,
  origin: FileOrigin,
  line?: CommandLine,
): { readonly kind: 'value'; readonly value: Value } {
  const ordered = [...names.filter((name) => name.startsWith('--')), ...names.filter((name) => !name.startsWith('--'))]
  const value = ordered.reduceRight<Value>(
    (other, name) => ({ kind: 'argument', name, fallback: other, ...(line === undefined ? {} : { line }), origin }),
    fallback,
  )
  return { kind: 'value', value }
}
