import { type InternalRedirect, type RedirectTarget, show } from '../../evidence/index.ts'
import { pathTarget } from './early.ts'
import { type Directive, originOf } from './parse.ts'
import type { Scope } from './scope.ts'

/** Where a block's requests can be sent on by nginx itself: after no file was found, after an error, to ask for leave, as a copy. */
export function redirectsOf(scope: Scope): readonly InternalRedirect[] {
  return [
    ...scope.own('try_files').flatMap(tryFiles),
    ...scope.nearest('error_page').flatMap(errorPage),
    ...asked(scope, 'auth_request', 'auth-request'),
    ...asked(scope, 'mirror', 'mirror'),
  ]
}

/** The last word is where it ends: `=404`, `@name` or a path. */
function tryFiles(directive: Directive): readonly InternalRedirect[] {
  const last = directive.words.at(-1)?.text
  if (last === undefined) return []
  const status = /^=([0-9]{3})$/.exec(last)?.[1]
  const to: RedirectTarget = status === undefined ? insideTarget(last) : { kind: 'status', status: Number(status) }
  return [{ cause: 'try-files', to, statuses: [], origin: originOf(directive) }]
}

/** `error_page 404 500 =200 URI` (`ngx_http_core_error_page`). */
function errorPage(directive: Directive): readonly InternalRedirect[] {
  const words = directive.words.map((word) => word.text)
  const last = words.at(-1)
  const statuses = words
    .slice(0, -1)
    .filter((word) => /^[0-9]{3}$/.test(word))
    .map(Number)
  if (last === undefined || statuses.length === 0) return []
  return [{ cause: 'error-page', to: insideTarget(last), statuses, origin: originOf(directive) }]
}

function asked(scope: Scope, name: 'auth_request' | 'mirror', cause: 'auth-request' | 'mirror'): readonly InternalRedirect[] {
  const lines = name === 'mirror' ? scope.nearest(name) : scope.nearest(name).slice(-1)
  return lines.flatMap((directive): readonly InternalRedirect[] => {
    const uri = directive.words[0]?.text
    return uri === undefined || uri === 'off' ? [] : [{ cause, to: insideTarget(uri), statuses: [], origin: originOf(directive) }]
  })
}

function insideTarget(text: string): RedirectTarget {
  if (text.startsWith('@')) return { kind: 'named', name: text }
  return /^[a-z]+:\/\//i.test(text) ? { kind: 'url', url: show(text) } : pathTarget(text)
}
