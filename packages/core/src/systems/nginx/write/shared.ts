import type { Item } from './text.ts'
import { block } from './text.ts'

/**
 * Paths that programs in a row read differently: a backslash or `#`, a NUL, dot segments, each in any encoding. nginx decides by the path
 * that it has decoded and cleaned, and passes the one that was sent: behind `/public/` these arrived raw.
 */
const REFUSED_PATHS: readonly string[] = [
  String.raw`"~^[^?]*[\x5c\x23]" 1`,
  String.raw`"~*^[^?]*%(?:25)*(?:5c|00)" 1`,
  String.raw`"~*^[^?]*(?:/|%(?:25)*2f)(?:\.|%(?:25)*2e){1,2}(?:[/;?]|%(?:25)*(?:2f|3b)|$)" 1`,
]

/** Headers of an answer that its service leaves out: the service's own are kept, since two of a name would count for none. */
export const ANSWER_HEADERS: readonly { readonly name: string; readonly value: string; readonly variable: string }[] = [
  { name: 'X-Content-Type-Options', value: 'nosniff', variable: 'content_type_options' },
  { name: 'X-Frame-Options', value: 'DENY', variable: 'frame_options' },
  { name: 'Referrer-Policy', value: 'strict-origin-when-cross-origin', variable: 'referrer_policy' },
]

/** What every server of the file uses. */
export function sharedItems(): readonly Item[] {
  return [
    block('map $request_uri $sallyport_refused', ['default 0', ...REFUSED_PATHS]),
    '',
    block('map $http_upgrade $sallyport_upgrade', ['default ""', '"~*^websocket$" websocket']),
    block('map $sallyport_upgrade $sallyport_connection', ['default ""', 'websocket upgrade']),
    '',
    '# Who is limited: an IPv4 address, or an IPv6 network of /64, since whoever has one address there has them all.',
    block('map $binary_remote_addr $sallyport_client', ['default $binary_remote_addr', String.raw`"~(?s)^(.{8}).{8}$" $1`]),
    '',
    ...ANSWER_HEADERS.map(({ name, value, variable }) =>
      block(`map $upstream_http_${name.toLowerCase().replaceAll('-', '_')} $sallyport_${variable}`, [`"" ${value}`, 'default ""']),
    ),
    '',
    'proxy_headers_hash_max_size 2048',
    'proxy_headers_hash_bucket_size 128',
    '',
  ]
}

/** Mozilla's "intermediate" set, version 5.7 (RFC 9325 §4.2): TLS 1.2 with forward secrecy and AEAD, and TLS 1.3. */
export const TLS: readonly Item[] = [
  'ssl_protocols TLSv1.2 TLSv1.3',
  'ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305',
  'ssl_prefer_server_ciphers off',
  'ssl_session_timeout 1d',
  'ssl_session_cache shared:sallyport_tls:10m',
  'ssl_session_tickets off',
]

/** What a client may take of a server: seconds, and bytes of a body. */
export const BOUNDS: readonly Item[] = [
  'server_tokens off',
  'absolute_redirect off',
  'client_header_timeout 15s',
  'client_body_timeout 30s',
  'send_timeout 30s',
  'keepalive_timeout 65s',
  'client_max_body_size 10m',
]
