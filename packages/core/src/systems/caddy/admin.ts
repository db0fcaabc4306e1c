import type { FileOrigin, ProxyServer } from '../../evidence/index.ts'
import type { CaddyGaps } from './gaps.ts'
import { listenersAt, networkAddress, unixListener } from './listen.ts'
import type { Options } from './options.ts'
import { originOf, wordOrigin } from './parse.ts'

const ADMIN_PORT = 2019

/** Where the administration listens: whoever reaches it replaces the configuration. localhost:2019 where nothing is said (admin.go, `DefaultAdminListen`). */
export function adminServer({ admin }: Options, main: FileOrigin, gaps: CaddyGaps): readonly ProxyServer[] {
  if (admin?.off === true) return []
  const word = admin?.address
  if (admin === undefined || word === undefined)
    return administration('localhost:2019', admin === undefined, admin === undefined ? main : originOf(admin.directive))
  const servers = administration(word.text, false, wordOrigin(admin.directive, word))
  if (servers.length === 0) gaps.at(admin.directive, `"${word.text.slice(0, 80)}" is no address of an administration`)
  return servers
}

export function administration(address: string, implicit: boolean, origin: FileOrigin): readonly ProxyServer[] {
  const place = networkAddress(address, ADMIN_PORT, origin)
  if (place === undefined) return []
  const options = { tls: false, http3: false, proxyProtocol: false, implicit, origin }
  return [
    {
      layer: 'http',
      listeners: place.kind === 'unix' ? [unixListener(place.path, options)] : listenersAt(place, options),
      names: [],
      routes: [],
      guards: [],
      first: [],
      rest: {
        early: [],
        guards: [],
        satisfy: 'all',
        action: { kind: 'builtin', name: 'administration', origin },
        redirects: [],
        headers: [],
      },
      clientAddress: { from: 'connection' },
      origin,
    },
  ]
}
