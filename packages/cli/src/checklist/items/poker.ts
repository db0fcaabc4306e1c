import { byFact, byHand, byRules, type Item } from '../item.ts'

/** P: a local-only REST API and WebSocket; the data must never leave the machine. */
export const POKER: readonly Item[] = [
  byRules(
    ['P1.host', 'before', '`API_HOST` (default `127.0.0.1`) and the code keep the server on `127.0.0.1`, `localhost` or `::1`'],
    ['binds-every-interface', 'opens-on-restart'],
    ['policy', 'source', 'local'],
    'test_validate_server_host',
  ),
  byHand(
    [
      'P1.validate',
      'before',
      '`validateServerHost(host)` is called before the server starts, and throws for `0.0.0.0`, `::`, LAN and public addresses',
    ],
    'start it with API_HOST=0.0.0.0 on purpose: it refuses, and nothing listens',
    'sallyport run -- COMMAND',
    'test_validate_server_host',
  ),
  byRules(
    ['P8.guard', 'before', 'Every local-only HTTP service has the guard (`LocalhostOnlyMiddleware`)'],
    ['guard-missing'],
    ['policy', 'source', 'local', 'guarded'],
    'the guard is taken out, %s: found, though its package is loaded still',
  ),
  byRules(
    ['P8.scripts', 'before', 'No start script (PowerShell, shell, package.json, Procfile, compose) overrides the host to an exposed one'],
    ['host-overridden', 'script-host-name'],
    ['policy', 'starts'],
    'run.sh and run.ps1 refuse the same hosts in the same words',
  ),
  byRules(
    ['P9.audit', 'before', 'No `0.0.0.0` binding in the code'],
    ['binds-every-interface'],
    ['source'],
    'neither the comment of wrong that names 0.0.0.0 nor its test that binds it is called a binding',
  ),
  byRules(
    [
      'P4.cors',
      'before',
      'CORS allows exactly `http://localhost:3000`, `http://127.0.0.1:3000`, `http://localhost:5173`, `http://127.0.0.1:5173`; never a wildcard',
    ],
    ['origin-wildcard', 'origin-stale'],
    ['source', 'origins'],
    'the four origins may read the answers, by their name, and no other',
  ),
  byHand(
    [
      'P10.tests',
      'before',
      'The tests pass: `test_localhost_connection_allowed`, `test_proxy_headers_blocked`, `test_security_headers_added`, `test_validate_server_host`',
    ],
    'the application’s own test run has these four, and they pass',
    'npm test',
    'test_localhost_connection_allowed',
  ),
  byFact(
    ['P1.listening', 'after', 'The listening address is 127.0.0.1 or ::1 only'],
    'onLoopback',
    ['policy', 'machine', 'running', 'local'],
    'running: no finding, 100/100, loopback alone, and nobody else comes in',
  ),
  byRules(
    ['P11.other-host', 'after', 'A connection from another host is refused'],
    ['private-reachable'],
    ['policy', 'machine', 'running', 'local'],
    'a binding beyond loopback, and a connection from another address',
  ),
  byHand(
    ['P2.peer', 'after', 'A request whose peer is not loopback gets 403'],
    'the check “neighbours” of verify, against the running server',
    'sallyport verify http://localhost:8000/',
    'a neighbour gets 403, and this machine an answer',
  ),
  byHand(
    ['P3.headers', 'after', 'A request with `X-Forwarded-For` or another proxy header gets 403 `Forbidden: Proxy headers are not allowed`'],
    'the check “proxy-headers” of verify, against the running server',
    'sallyport verify http://localhost:8000/',
    '%s: 403 in these words, also when it is empty, and logged',
  ),
  byHand(
    [
      'P5.response-headers',
      'after',
      'Every response has `X-Content-Type-Options: nosniff`, `X-Frame-Options: DENY`, `X-Localhost-Only: true`',
    ],
    'the check “headers” of verify, against the running server',
    'sallyport verify http://localhost:8000/',
    'the three headers on every answer, errors included',
  ),
  byHand(
    ['P7.websocket', 'after', 'The WebSocket upgrade is guarded in the same way, its Origin checked; a foreign Origin is not allowed'],
    'the checks “origin” and “websocket” of verify, against the running server',
    'sallyport verify http://localhost:8000/ --websocket /ws',
    'the WebSocket: the page’s own origin, and a program of this machine; nothing else',
  ),
  byHand(
    ['P11.one-command', 'after', 'The manual verification is done'],
    'every check of verify passes, and none is undecided',
    'sallyport verify http://localhost:8000/',
    'a guarded server passes everything, with at most forty requests, none of which changes data',
  ),
  byHand(
    ['P6.log', 'continuous', 'Every blocked attempt is in `logs/security.log`, as a warning, with address and path'],
    'the log has a line for a request that you refuse on purpose',
    'sallyport log',
    'what is sent forges no line',
  ),
  byHand(
    ['P13.review', 'continuous', 'Blocked attempts are reviewed: who, when, what, how often'],
    'the groups that log prints; an address or a page that you do not know',
    'sallyport log --since 7d',
    'what a guarded server refused: who, when, what, how often',
  ),
  byHand(
    ['P15.change', 'continuous', 'A change of host configuration is noticed and recorded'],
    'a capture of the host kept from a good day, compared with today’s',
    'sallyport diff BEFORE AFTER',
  ),
  byHand(
    [
      'P14.remote',
      'continuous',
      'Remote use is by SSH tunnel (`ssh -L 8000:localhost:8000 user@remote-machine`) or VPN only; nothing is opened',
    ],
    'nobody has opened a port for it: check says that others reach nothing',
    'sallyport tunnel SERVICE user@remote-machine',
    'prints the exact command, and opens nothing',
  ),
  byHand(
    ['P12.stop', 'incident', 'If a binding to all interfaces appears, the server is stopped at once, and the incident recorded'],
    'the server is started by run; logs/security.log has the incident',
    'sallyport run -- COMMAND',
    'is stopped, recorded, and the line that asks for it told',
  ),
]
