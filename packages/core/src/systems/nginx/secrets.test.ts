import { expect, test } from 'vitest'
import { snapshotOf } from './dump.ts'
import { readNginx } from './read.ts'

const CONTEXT = { host: 'host', standing: 'configured', capturedAt: 0 } as const
const CANARY = 'kanarienvogel-4711'

/** Each on one line, so that every origin of the line would show it. */
const PLACES: readonly string[] = [
  `location / { if ($http_x_api_key != "${CANARY}") { return 403; } proxy_pass http://127.0.0.1:1; }`,
  `location / { if ($arg_key = ${CANARY}) { return 403; } strange on; }`,
  `location / { if ($cookie_pass ~ ^${CANARY}$) { proxy_pass http://127.0.0.1:2; } }`,
  `location / { proxy_set_header X-Internal-API-Key ${CANARY}; proxy_pass http://127.0.0.1:1; }`,
  `location / { proxy_set_header X-Anything "${CANARY}"; proxy_pass http://127.0.0.1:1; }`,
  `location / { proxy_set_header Authorization "Bearer ${CANARY}"; proxy_pass http://127.0.0.1:1; }`,
  `location / { fastcgi_param DB_PASSWORD ${CANARY}; fastcgi_pass 127.0.0.1:9000; }`,
  `set $api_key ${CANARY}; location / { proxy_pass http://127.0.0.1:1; }`,
  `location / { secure_link_md5 "$uri ${CANARY}"; proxy_pass http://127.0.0.1:1; }`,
  `location / { return 200 "${CANARY}"; } strange on;`,
  `location / { content_by_lua_block { local x = "${CANARY}" } }`,
  `location / { access_by_lua_block { if k == "${CANARY}" then end } proxy_pass http://127.0.0.1:1; }`,
  `location / { proxy_pass http://user:${CANARY}@127.0.0.1:1/?api_key=${CANARY}; }`,
  `location / { rewrite ^ https://example.com/?token=${CANARY}; }`,
]

for (const place of PLACES) {
  test(`C5 · nothing of a secret is kept: ${place.replaceAll(CANARY, '…').slice(0, 90)}`, () => {
    expectNoCanary(`http { server { listen 80; ${place} } }`)
  })
}

test('C5 · nothing of a secret is kept: keys of a map, and its values, and env', () => {
  expectNoCanary(
    `env API_KEY=${CANARY}; http { map $http_x_api_key $to { "${CANARY}" http://127.0.0.1:1; } map $uri $secret { default ${CANARY}; } server { listen 80; location / { proxy_pass $to; } } }`,
  )
})

test('the line around a secret is still shown', () => {
  const [item] = read('http { server { listen 80; location / { strange_one on; proxy_set_header X-Key "abc def"; } } }').evidence.filter(
    ({ claim }) => claim.claim === 'gap',
  )
  expect(item?.origin).toMatchObject({
    line: 'http { server { listen 80; location / { strange_one on; proxy_set_header X-Key *********; } } }',
  })
})

function read(text: string) {
  return readNginx(snapshotOf(['nginx.conf'], new Map([['nginx.conf', text]]), CONTEXT))
}

function expectNoCanary(text: string): void {
  const { evidence } = read(text)
  expect(evidence.length).toBeGreaterThan(0)
  const all = JSON.stringify(evidence, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
  for (const form of [CANARY, btoa(CANARY).slice(0, 16), encodeURIComponent(CANARY)]) expect(all).not.toContain(form)
}
