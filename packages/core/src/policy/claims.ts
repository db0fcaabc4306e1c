import { readAddresses } from './addresses.ts'
import { quoted } from './found.ts'
import type { Path } from './places.ts'
import {
  type Acceptance,
  BUILT_IN_SOURCES,
  type Listeners,
  type Located,
  type PolicyTest,
  type Service,
  type SourceRef,
  THIS_HOST,
} from './policy.ts'
import type { Authored } from './schema.ts'
import type { Scope } from './scope.ts'
import { resolvePorts } from './services.ts'
import { covers, type Declared, resolveFrom } from './sources.ts'

export function resolveTests(
  authored: Authored,
  services: ReadonlyMap<string, Service>,
  declared: Declared,
  scope: Scope,
): readonly PolicyTest[] {
  return (authored.tests ?? []).map((test, index) => {
    const path = ['tests', index]
    const from = resolveFrom(test.from, [...path, 'from'], declared, scope)
    const named = (key: 'accept' | 'deny' | 'denyThrough'): readonly Located<string>[] =>
      scope
        .items(test[key], [...path, key])
        .filter((item) => scope.expectName(item.value, item.path, 'service'))
        .map((item) => {
          const service = services.get(item.value)
          if (service !== undefined) checkClaim(key === 'accept', from, service, item.path, scope)
          return { value: item.value, origin: scope.origin(item.path) }
        })
    const accept = named('accept')
    const accepted = new Set(accept.map((item) => item.value))
    for (const key of ['deny', 'denyThrough'] as const) {
      for (const item of scope.items(test[key], [...path, key]).filter((each) => accepted.has(each.value))) {
        const message = `the test both accepts and denies ${quoted(item.value)}`
        scope.report(item.path, { code: 'test-contradicts', message, hint: 'keep one of the two' })
      }
    }
    return { from, accept, deny: named('deny'), denyThrough: named('denyThrough'), origin: scope.origin(path) }
  })
}

/** A claim that the policy's own `from` makes fail is a mistake in one of the two. Only what names alone decide is reported. */
function checkClaim(accepts: boolean, from: readonly SourceRef[], service: Service, path: Path, scope: Scope): void {
  for (const ref of from) {
    const who = ref.kind === 'literal' ? ref.text : ref.name
    const admitted = service.from.find((each) => covers(each, ref))
    // Loopback is within every source, and addresses never make up a built-in source.
    const wanting = ref.kind === 'built-in' && ref.name !== BUILT_IN_SOURCES[0] && admitted === undefined
    if (accepts ? !wanting : admitted === undefined) continue
    const message = accepts
      ? `${quoted(service.name)} is not meant for ${quoted(who)}`
      : `${quoted(service.name)} is meant for ${quoted(who)}`
    const line = service.origins.from.span.start.line
    const hint = `the service says so at ${service.origins.from.path}:${line}; correct the test or the service`
    scope.report(path, { code: 'test-contradicts', message, hint })
    return
  }
}

export function resolveAccept(authored: Authored, scope: Scope): readonly Acceptance[] {
  return (authored.accept ?? []).map((entry, index) => {
    const path = ['accept', index]
    if (entry.service !== undefined) scope.expectName(entry.service, [...path, 'service'], 'service')
    if (entry.host !== undefined && entry.host !== THIS_HOST) scope.expectName(entry.host, [...path, 'host'], 'host')
    return {
      rule: { value: entry.rule, origin: scope.origin([...path, 'rule']) },
      service: entry.service,
      host: entry.host,
      path: entry.path,
      reason: entry.reason,
      by: entry.by,
      until: entry.until === undefined ? undefined : { value: entry.until, origin: scope.origin([...path, 'until']) },
      origin: scope.origin(path),
    }
  })
}

export function resolveListeners(authored: Authored, scope: Scope): Listeners {
  const ignore = (authored.listeners?.ignore ?? []).map((entry, index) => {
    const path = ['listeners', 'ignore', index]
    const read = entry.address === undefined ? undefined : readAddresses(entry.address)
    if (read !== undefined && 'code' in read) scope.report([...path, 'address'], read)
    return {
      process: entry.process,
      ports: entry.port === undefined ? undefined : resolvePorts(entry.port, [...path, 'port'], scope),
      address: read === undefined || 'code' in read ? undefined : read.range,
      reason: entry.reason,
      origin: scope.origin(path),
    }
  })
  return { undeclared: authored.listeners?.undeclared ?? 'report', ignore }
}
