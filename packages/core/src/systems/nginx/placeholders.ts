/** What a template engine fills in: Go's and Jinja's `{{ … }}`, Jinja's `{% … %}`, ERB's `<% … %>`; each on one line. */
const ACTION = /\{\{[^\n]{0,500}?\}\}|\{%[^\n]{0,500}?%\}|<%[^\n]{0,500}?%>/g

/** Actions that write nothing themselves: conditions, loops, assignments, comments. */
const CONTROL = /^(?:\{%|<%(?!=)|\{\{-?\s*(?:if|else|end|range|with|define|block|template|\/\*|\$\w+\s*:?=|#|\/|\^|!|>)(?![\w.]))/

/**
 * A file that is filled in before nginx reads it, of the same length and lines: each action is blank, or where it stands for a word a variable
 * that nothing sets, so that all branches are read and no value is made up. `undefined`: no such file.
 */
export function withoutActions(content: string): { readonly content: string; readonly start: number; readonly end: number } | undefined {
  const [first] = content.matchAll(ACTION)
  if (first === undefined) return undefined
  const filled = content.replaceAll(ACTION, (action) =>
    CONTROL.test(action) ? ' '.repeat(action.length) : `\${${'_'.repeat(Math.max(1, action.length - 3))}}`,
  )
  return { content: filled, start: first.index, end: first.index + first[0].length }
}
