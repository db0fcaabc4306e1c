import type { FileOrigin, Value } from '../../evidence/index.ts'
import { wordsOf } from '../secret.ts'
import { innerScript } from '../shell/inner.ts'
import { placed } from './locations.ts'
import type { Runner } from './runner.ts'
import type { Scope } from './scope.ts'

/** Where a command is started. */
interface Site {
  readonly at: { readonly scope: Scope }
  readonly origin: FileOrigin
  readonly runner: Pick<Runner, 'site' | 'certain' | 'started'>
}

/** Adds a command as the program's own process sees it. `named`: how the script writes a variable. */
export function start(values: readonly Value[], { at, origin, runner }: Site, named = (name: string): string => `$env:${name}`): void {
  const { scope } = at
  runner.started(values.length, runner.site ?? origin, () => ({
    words: wordsOf(
      values.map((value, index) => ({
        value: placed(value, scope.directory),
        source: written(value, named),
        origin: value.kind === 'absent' ? origin : value.origin,
        // Where the last word ends the command does, whatever the word is put together of.
        written: index === values.length - 1 && runner.site === undefined ? () => origin : undefined,
      })),
    ),
    script: innerScript(values),
    environment: scope.exported(),
    environmentFiles: scope.environmentFiles,
    workingDirectory: scope.directory,
    certain: runner.certain,
    origin: runner.site ?? origin,
  }))
}

/** A value as the script would write it. */
function written(value: Value, named: (name: string) => string): string {
  switch (value.kind) {
    case 'known':
      return String(value.value)
    case 'environment':
      return named(value.name)
    case 'argument':
      return value.name.replace(/^-/, '$')
    case 'joined':
      return value.parts.map((part) => written(part, named)).join('')
    case 'absent':
      return ''
    case 'choice':
    case 'unknown':
      return '…'
    default:
      return value satisfies never
  }
}
