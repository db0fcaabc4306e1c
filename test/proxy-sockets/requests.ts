import type { ProxyServer } from '@sallyport/core/evidence'
import { parseAddress } from '@sallyport/core/network'
import { decideRequest, selectListener } from '../../packages/core/src/reach/requests/index.ts'
import type { SocketCase } from './real.ts'

const requests = (hosts: readonly string[], paths: readonly string[]) => hosts.flatMap((host) => paths.map((path) => ({ path, host })))

/** Each answer has a status of its own, by which it is known again. */
export const CADDY_REQUESTS: readonly SocketCase[] = [
  {
    name: 'handles, what is taken off the path, addresses, passwords, and what comes too late',
    main: 'Caddyfile',
    files: {
      Caddyfile: `http://a.example:8080 {
	redir /old /new 301
	handle_path /api/* {
		respond /v1 211
		respond 212
	}
	handle /api/admin/* {
		basicauth {
			bob JDJhJDE0JGNhbmFyeWhhc2hjYW5hcnloYXNo
		}
		respond 213
	}
	handle /lan/* {
		@in remote_ip 10.0.0.0/8
		respond @in 214
		respond 403
	}
	handle /here/* {
		@in remote_ip 127.0.0.1 10.0.0.0/8
		respond @in 215
		respond 403
	}
	handle /deny/* {
		@out not remote_ip 10.0.0.0/8
		error @out 410
		respond 216
	}
	handle /let/* {
		@out not remote_ip private_ranges
		abort @out
		respond 217
	}
	handle {
		respond 218
	}
	respond /never 219
	@all not remote_ip 10.0.0.0/8
	abort @all
}
http://b.example:8080, http://c.example:8080 {
	@c host c.example
	respond @c 221
	respond /x* 222
	respond /xy 223
	route {
		respond /r* 224
		respond /r/deeper 225
	}
	respond 226
}
`,
    },
    requests: requests(
      ['a.example', 'b.example', 'c.example'],
      [
        '/',
        '/old',
        '/api/v1',
        '/api/v2',
        '/api/admin/x',
        '/lan/x',
        '/here/x',
        '/deny/x',
        '/let/x',
        '/never',
        '/x',
        '/xy',
        '/xyz',
        '/r',
        '/r/deeper',
      ],
    ),
  },
  {
    name: 'paths in large and small letters',
    main: 'Caddyfile',
    files: {
      Caddyfile: `http://a.example:8080 {
	handle_path /Api/* {
		respond /v1 211
		respond 212
	}
	handle /admin/* {
		respond 213
	}
	handle /ADMIN/open {
		respond 214
	}
	handle /one {
		respond 215
	}
	@both path /Left* /right
	respond @both 216
	@not not path /Keep/*
	respond @not 217
	respond 218
}
`,
    },
    requests: requests(
      ['a.example'],
      [
        '/api/v1',
        '/API/v1',
        '/Api/V1',
        '/Admin/x',
        '/admin/OPEN',
        '/ADMIN/open',
        '/One',
        '/ONE/',
        '/LEFT',
        '/leftover',
        '/Right',
        '/keep/x',
        '/KEEP/',
        '/other',
      ],
    ),
  },
]

export const HAPROXY_REQUESTS: readonly SocketCase[] = [
  {
    name: 'rules of access, back ends by path and host, what a back end asks itself',
    main: 'haproxy.cfg',
    files: {
      'haproxy.cfg': `defaults
  mode http
  timeout client 1s
  timeout connect 1s
  timeout server 1s
frontend f
  bind 127.0.0.1:8080
  acl inside src 10.0.0.0/8
  acl docs path_beg /docs
  monitor-uri /alive
  http-request allow if { path /docs/open }
  http-request deny deny_status 410 if docs !inside
  http-request deny deny_status 429 if { path_beg /limited } or { path /limit }
  http-request redirect location /new code 301 if { path_beg /old }
  use_backend one if { path_beg /a } !{ path_beg /a/b }
  use_backend two if { path_beg /a/b }
  use_backend three if { hdr(host) -i b.example }
  use_backend four if { hdr_end(host) -i .c.example }
  default_backend five
backend one
  http-request deny deny_status 400 unless { src 10.0.0.0/8 }
backend two
  http-request return status 200
backend three
  http-request auth unless { http_auth(users) }
backend four
  http-request deny deny_status 404
backend five
  http-request deny deny_status 500 if LOCALHOST
userlist users
  user bob insecure-password canary
`,
    },
    requests: requests(
      ['a.example', 'b.example', 'x.c.example', 'c.example'],
      ['/', '/alive', '/docs', '/docs/open', '/limited/x', '/limit', '/limit/x', '/old/x', '/a', '/ab', '/a/b', '/a/b/c'],
    ),
  },
]

/** The status that every request of a case gets as the model has it; `undefined`: it does not say. */
export function predictedStatuses(servers: readonly ProxyServer[], { requests: asked = [] }: SocketCase): readonly (number | undefined)[] {
  const address = parseAddress('127.0.0.1')
  const listener = address === undefined ? undefined : selectListener(servers, address, 8080)
  return asked.map(({ path, host }) => {
    if (address === undefined || listener === undefined) return undefined
    const outcome = decideRequest(servers, listener, { host, target: path, address, method: 'GET', authenticated: false })
    if (outcome.kind === 'answer') return outcome.status
    return outcome.kind === 'action' && outcome.action.kind === 'return' ? outcome.action.status : undefined
  })
}

/** A list of addresses refuses with 403 in the model, whatever the proxy answers those whom it refuses. */
export function isSame(predicted: number, found: number | undefined): boolean {
  return predicted === found || (predicted === 403 && found !== undefined && found >= 400)
}
