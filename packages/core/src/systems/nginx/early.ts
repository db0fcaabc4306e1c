import { type EarlyStep, type RedirectTarget, show, type Shown } from '../../evidence/index.ts'
import { ownAction, returnAction } from './actions.ts'
import { roleOf } from './directives.ts'
import { type Directive, originOf } from './parse.ts'
import type { Scope } from './scope.ts'
import type { Variables } from './variables.ts'
import type { World } from './world.ts'

/** The rewrite phase of a server or location, in order: `return`, `rewrite`, `break`, and what `if` makes conditional. `set` is followed elsewhere. */
export function earlySteps(scope: Scope, world: World, variables: Variables, condition?: Shown): readonly EarlyStep[] {
  return scope.directives.flatMap((directive): readonly EarlyStep[] => {
    const when = condition === undefined ? {} : { condition }
    const origin = originOf(directive)
    if (directive.name === 'return') return [{ ...when, then: returnAction(directive), origin }]
    if (directive.name === 'break') return [{ ...when, then: { kind: 'stop' }, origin }]
    if (directive.name === 'rewrite') return [rewrite(directive, condition)]
    if (directive.name === 'if') return conditional(scope.child('if', directive), directive, world, variables, condition)
    if (roleOf(directive.name) !== 'early') return []
    world.gaps.at(directive, `"${directive.name}" may send requests elsewhere in a way that is not followed`)
    return [{ ...when, then: { kind: 'unknown', reason: `${directive.name} decides` }, origin }]
  })
}

function conditional(inner: Scope, head: Directive, world: World, variables: Variables, outer: Shown | undefined): readonly EarlyStep[] {
  const words = conditionText(head)
  const condition = outer === undefined ? words : show(`${outer} and ${words}`)
  const steps = earlySteps(inner, world, variables, condition)
  const action = ownAction(inner, world, variables)
  return action === undefined ? steps : [...steps, { condition, then: { kind: 'instead', action }, origin: action.origin }]
}

/** From the text for showing, in which secrets are blanked out. */
function conditionText(head: Directive): Shown {
  const first = head.words[0]?.start ?? head.start
  return show(head.source.text.content.slice(first, head.end).replace(/\s+/g, ' '))
}

/** `rewrite REGEX REPLACEMENT [last|break|redirect|permanent]` (`ngx_http_rewrite`). It applies where the regex matches the path. */
function rewrite(directive: Directive, outer: Shown | undefined): EarlyStep {
  const [regex = '', to = '', flag] = directive.words.map((word) => word.text)
  const origin = originOf(directive)
  const matches = show(`the path matches ${regex}`)
  const condition = outer === undefined ? matches : show(`${outer} and ${matches}`)
  // These match every path.
  const always = /^(?:\^|\^?\(?\.\*\)?\$?|\^\/?|\^\/?\(?\.\*\)?\$?|\/)$/.test(regex)
  const when = always && outer === undefined ? {} : { condition }
  if (flag === 'redirect' || flag === 'permanent' || /^(?:https?:\/\/|\$scheme)/.test(to)) {
    return { ...when, then: { kind: 'return', status: flag === 'permanent' ? 301 : 302, location: show(to), origin }, origin }
  }
  if (flag === 'break') return { ...when, then: { kind: 'rewrite', to: pathTarget(to) }, origin }
  return { ...when, then: { kind: 'reroute', to: pathTarget(to) }, origin }
}

/** A path inside the server, its query left out; with variables it is known only when a request comes. */
export function pathTarget(text: string): RedirectTarget {
  const path = text.replace(/\?.*$/s, '')
  return path.includes('$') || !path.startsWith('/')
    ? { kind: 'unknown', reason: 'the new path depends on the request' }
    : { kind: 'path', path }
}
