import { PROXY_HEADERS, REASONS, type Reason } from '@sallyport/guard'

/** docs/guard.md: how a Node server is guarded, with every reason of a refusal and every header of proxies from their tables. */
export function guardPage(): string {
  const reasons: readonly (readonly [string, Reason])[] = Object.entries(REASONS)
  return `${[
    TEXT,
    '## Every refusal',
    '',
    'What a client gets tells nothing; the log has the value that was refused and the option that decides.',
    '',
    '| code | answer | what it stops | option |',
    '| --- | --- | --- | --- |',
    ...reasons.map(
      ([code, { status, body, stops, option }]) =>
        `| \`${code}\` | ${status} \`${body}\` | ${stops} | ${option === undefined ? '' : `\`${option}\``} |`,
    ),
    '',
    '## Headers of proxies',
    '',
    'Their presence is enough, an empty one counts, and so does every spelling that some programs fold to the same name (`X_Forwarded.For`), also in trailers.',
    '',
    '| header | what it says | source |',
    '| --- | --- | --- |',
    ...PROXY_HEADERS.map(({ name, says, source }) => `| \`${name}\` | ${says} | ${source} |`),
  ].join('\n')}\n`
}

const TEXT = `# The guard

<!-- Made by \`npm run docs\` from packages/guard/src. -->

\`@sallyport/guard\` keeps a Node server local. It decides every request, upgrade and stream before the application sees it, for servers of
\`node:http\`, \`node:https\` and \`node:http2\` and everything that is built on them. It has no dependencies, and nothing has to be switched on:

\`\`\`js
// server.mjs
import { createServer } from 'node:http'
import { guard, listen } from '@sallyport/guard'

const server = createServer((request, response) => response.end('hello'))
guard().protect(server)
await listen(server)                       // 127.0.0.1:8000, or API_HOST and API_PORT; throws where others could reach it
\`\`\`

\`host\` and \`port\` of \`listen(server, { host, port })\` win over the environment. The package is in no registry yet: run \`npm start\` in this repository, and
\`npm install PATH/packages/guard\` in your own, with the path of this one.

\`listen\` and \`validateServerHost(host)\` take \`localhost\` and addresses of loopback, and throw a \`GuardError\` for every other before anything is bound.

In this order, and the first that is wrong decides:

1. **Peer.** Not this machine: 403, and the connection ends (\`silent: true\`: without a word). Behind a proxy (\`behind\`): its proof too.
2. **Form.** Two or no Host, a target with a host of its own, control characters, a backslash, \`#\`, dot segments in any encoding: 400.
3. **Headers of proxies.** None is expected, unless \`behind\` names it: 403 \`Forbidden: Proxy headers are not allowed\`.
4. **Host.** Compared as text with \`localhost\`, \`127.0.0.1\` and \`[::1]\` with the port in use, and \`hosts\`. This stops DNS rebinding.
5. **Origin and Sec-Fetch-Site.** A page of another origin than the server's own and \`origins\` is refused, not merely kept from the answer. A link that is followed is no such request.
6. **Upgrades.** The same, and WebSocket only. Without \`Origin\`: only without cookies (\`upgradesWithoutOrigin\`).
7. **Who it is**, where it is asked: \`limit\`, \`keys\`, \`jwt\`.

Preflights of allowed pages are answered; \`Access-Control-*\` headers of the application are replaced. Every response, Node's own errors and answers
that the application writes by hand included, has \`X-Content-Type-Options: nosniff\`, \`X-Frame-Options: DENY\` and \`X-Localhost-Only: true\`, and, unless the
application says otherwise, a sensible set of others.

## Options

| option | default | |
| --- | --- | --- |
| \`hosts\` | none | names of the server beside its own: \`app.test:8000\`; \`app.test\` is with the port in use; \`app.test:80\` is the name without a port, as behind a proxy |
| \`origins\` | ports 3000 and 5173 of \`localhost\` and \`127.0.0.1\` | pages that may send requests, exactly; no patterns |
| \`credentials\` | \`false\` | whether these pages may send cookies |
| \`exposedHeaders\` | none | headers of answers that they may read |
| \`privateNetwork\` | \`false\` | whether a page of the internet among them may ask for this private address |
| \`silent\` | \`false\` | no answer at all for a peer that is not this machine |
| \`encodedSlash\` | \`'allow'\` | \`%2F\` in a path |
| \`upgrades\` | none | protocols beside \`websocket\` |
| \`upgradesWithoutOrigin\` | \`'without-cookies'\` | or \`'refuse'\`, \`'allow'\` |
| \`behind\` | — | \`{ keys, header, headers, client }\`: a proxy of this machine, its proof (\`X-Internal-API-Key\`), the forwarding headers that it sets, and the one that tells the client |
| \`limit\` | — | \`{ perSecond, burst, clients }\`, for each client; IPv6 by /64 |
| \`keys\` | — | \`{ callers, header, limit, except }\`: internal keys of at least 32 characters, several for a rotation, \`callers: [key]\` or by caller \`{ billing: [key, next] }\`; \`identityOf(request).caller\` |
| \`jwt\` | — | \`{ keys, issuer, audience, typ, clockTolerance, revoked, header, cookie, except }\`, verified by the package \`jose\`: \`keys: [{ alg, key, kid }]\`, one algorithm for each key; \`identityOf(request).claims\` |
| \`headers\` | the sensible set | others instead, or \`false\` |
| \`log\` | \`logs/security.log\` | a file, \`false\`, or \`{ file, maxBytes, files, perSecond }\` |
| \`onRefuse\` | — | told of every refusal |

A misspelled option is an error. \`readJson(request, schema)\` reads a body that fits a schema (zod or any Standard Schema), and \`boundary(handler)\`
answers what a handler throws with 500 and an id, and nothing else; the error is on stderr with the same id, or where \`onError\` takes it.

\`await fromFile('guard.json')\` reads the options from a file, as [\`sallyport render guard\`](run.md) writes it from the policy.

## What it costs

Processor time of the server for each request of a browser with ten headers, everything above on and the headers of the answer with it; of what others use for a part of it, beside
(\`npm run bench -- guard\`, Node 20, the best of nine rounds of 20,000 requests, 2 cores). \`limit\` adds half a microsecond.

| | alone | with the guard | with helmet, cors and rate-limit |
| --- | ---: | ---: | ---: |
| \`node:http\` | 18.0 µs | + 1.5 µs | |
| Fastify | 22.9 µs | + 1.5 µs | + 29.9 µs |
| Express | 126.7 µs | + 7.2 µs | + 44.2 µs |

## Adapters

What is built on \`node:http\` is guarded by \`gate.protect(server)\` as well, with \`const gate = guard()\`. Where the framework makes the server itself,
\`guarded\` of \`@sallyport/guard/NAME\` finds it; \`gate\` may be left out. Tell the framework to listen on 127.0.0.1: only \`listen\` refuses another address.

| NAME | |
| --- | --- |
| \`express\` | \`app.use(guarded(gate))\`, then \`app.listen(8000, '127.0.0.1')\`; \`app.use(expressErrors())\` of \`@sallyport/guard\`, last, is \`boundary\` for all of it |
| \`fastify\` | \`app.register(guarded, { gate })\` |
| \`koa\` | \`guarded(app, gate)\` |
| \`hono\` | \`guarded(serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 8000 }), gate)\` |
| \`nest\` | \`guarded(await NestFactory.create(AppModule), gate)\`, before \`app.listen\` |
| \`next\` | \`await app.prepare()\`, then \`await listen(guarded(app, gate), { port: 3000 })\` |
| \`ws\` | \`guarded(new WebSocketServer({ host: '127.0.0.1', port: 8000 }), gate)\` |
| \`socket.io\` | \`guarded(new Server(server), gate)\` |

## The log

One JSON object a line: \`time\`, \`code\`, \`status\`, \`message\`, \`address\`, \`method\`, \`path\` (\`?…\` in place of its query), \`host\`, \`origin\`, \`value\`, \`option\`. Printable ASCII
only, each value shortened, what looks like a secret left out: nothing that is sent can end a line or forge one. At most 100 lines a second; a line with
\`"code":"left-out"\` counts the others. Put aside at 10 MB, five times. The same objects go to \`diagnostics_channel\`
\`sallyport:guard:refused\`, and \`gate.metrics()\` counts them for Prometheus. \`address\` is the peer's; behind a proxy that has proved itself
(\`behind.keys\`), the one that \`behind.client\` tells.

A filter for fail2ban, which takes the time out of a line before it looks at the rest ([\`sallyport render fail2ban\`](render.md) writes one with its jail, which leaves out
what a stranger's page can make a browser send):

\`\`\`ini
[Definition]
failregex = ^","code":"[a-z0-9-]+","status":\\d+,"message":"[^"]*","address":"<HOST>",
datepattern = ^\\{"time":"%%Y-%%m-%%dT%%H:%%M:%%S\\.%%f%%z
\`\`\`
`
