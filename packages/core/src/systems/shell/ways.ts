import type { Value } from '../../evidence/index.ts'
import { isList, type Scope } from './scope.ts'
import type { CommandNode } from './syntax.ts'

/** Ways that one command is told in; of more, what differs stays one word that may be any of them. */
const WAYS = 8

/**
 * A command whose words differ by what a condition set before (`if [ "$DEBUG" ]; then OPTS=--inspect; fi; node $OPTS app.js`) is one command
 * for each value. What is one word in every way stays a value of its own, of which others decide.
 */
export function waysOf(node: CommandNode, scope: Scope): readonly Scope[] {
  let ways: readonly Scope[] = [scope]
  for (const name of new Set(unquoted(node))) {
    const variable = scope.variables.get(name)
    if (variable === undefined || isList(variable.value) || variable.value.kind !== 'choice') continue
    const { options } = variable.value
    if (!options.some(changesWords) || ways.length * options.length > WAYS) continue
    ways = ways.flatMap((way) =>
      options.map((value) => {
        const own = way.copy()
        own.assign(name, { ...variable, value })
        return own
      }),
    )
  }
  return ways
}

/** The variables that are words of their own, without quotes. */
function unquoted({ words }: CommandNode): readonly string[] {
  return words.flatMap(({ parts: [part, ...others] }) =>
    part?.kind === 'parameter' && !part.quoted && part.operator === undefined && others.length === 0 ? [part.name] : [],
  )
}

/** None, an option, or several words. */
function changesWords(value: Value): boolean {
  return value.kind === 'known' && /^\s*$|^\s*-|\S\s+\S/.test(String(value.value))
}
