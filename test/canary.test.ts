import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CLI } from './cli.ts'

/** As people choose them, and as generators make them. */
const CANARIES: readonly (readonly [string, string])[] = [
  ['a word', 'hunter2canary'],
  ['a word with signs', 'Canary!of*the-Coal_Mine9'],
  ['random', 'q7Zc2LxV9mB4tR8wK1sD6yF3'],
]

/** One secret in every kind of place that is read: each file is as a person writes it. */
function files(secret: string): Readonly<Record<string, string>> {
  return {
    '.env': `PORT=3101\nDB_PASSWORD=${secret}\nexport API_KEY="${secret}"\nDATABASE_URL=postgres://app:${secret}@db.example.com:5432/app\nREDIS_URL=redis://:${secret}@cache.example.com:6379\nADMIN_PW='${secret}'\nCORS_ORIGINS=http://user:${secret}@localhost:3101\n`,
    '.env.production': `JWT_SECRET=${secret}\nHOST=0.0.0.0\n`,
    'package.json': JSON.stringify({
      name: 'canary',
      scripts: {
        start: `JWT_SECRET=${secret} node server.js --auth ${secret}`,
        dev: `cross-env API_KEY=${secret} HOST=0.0.0.0 node server.js --license=${secret}`,
        cache: `redis-server --port 3109 --requirepass ${secret}`,
      },
    }),
    'server.js': `const http = require('http')\nconst password = '${secret}'\nconst host = process.env.HOST || '0.0.0.0', apiKey = "${secret}"\nhttp.createServer((req, res) => { if (req.headers['x-api-key'] !== '${secret}') return; res.end() }).listen(process.env.PORT || 3101, host) // password: ${secret}\n`,
    'main.py': `import os, uvicorn\nSECRET_KEY = "${secret}"\nuvicorn.run("app:app", host=os.getenv("BIND", "0.0.0.0"), port=3102) if os.getenv("TOKEN", "${secret}") else None\n`,
    'ecosystem.config.js': `module.exports = { apps: [{ name: 'engine', script: 'server.js', args: '--key ${secret}', env: { HOST: '0.0.0.0', PORT: 3103, API_TOKEN: '${secret}', DB_URL: 'mysql://root:${secret}@127.0.0.1/app' } }] }\n`,
    'docker-compose.yml': `services:\n  api:\n    image: example/api:1\n    ports: ["3104:3104"]\n    environment:\n      DB_PASSWORD: "${secret}"\n      DATABASE_URL: postgres://app:${secret}@db/app\n    labels: { traefik.auth.password: "${secret}" }\n    command: ["node", "server.js", "--token", "${secret}", "--host", "0.0.0.0"]\n    healthcheck: { test: "curl -u admin:'${secret}' http://localhost:3104" }\n  cache:\n    image: redis:7\n    ports: ["6379:6379"]\n    command: redis-server --requirepass '${secret}'\n    environment: ["API_KEY=${secret}"]\n`,
    'deploy/app.service': `[Service]\nEnvironment="DB_PASSWORD=${secret}" HOST=0.0.0.0\nEnvironment=API_KEY=${secret}\nWorkingDirectory=/srv/app\nExecStart=/usr/bin/node server.js --pw ${secret} --port 3105\n`,
    'nginx/app.conf': `server {\n  listen 3106;\n  location / { proxy_pass http://127.0.0.1:3101; proxy_set_header X-Internal-API-Key "${secret}"; proxy_set_header Authorization "Bearer ${secret}"; }\n  location /b { if ($http_x_api_key != "${secret}") { return 403; } proxy_pass http://user:${secret}@127.0.0.1:3102; }\n}\n`,
    'caddy/Caddyfile': `{\n  email ops@example.com\n  acme_dns cloudflare ${secret}\n}\n:3111 {\n  @key header X-API-Key "${secret}"\n  basicauth /admin/* {\n    bob ${secret}\n  }\n  handle @key {\n    reverse_proxy 127.0.0.1:3101 {\n      header_up X-Internal-API-Key "${secret}"\n      header_up Authorization "Bearer ${secret}"\n    }\n  }\n  reverse_proxy http://user:${secret}@127.0.0.1:3102\n  respond /key "${secret}"\n  redir /in https://bob:${secret}@example.com/\n}\n`,
    'haproxy/haproxy.cfg': `global\n  setenv API_KEY "${secret}"\n  presetenv DB_PASSWORD ${secret}\nuserlist people\n  user bob insecure-password ${secret}\n  user eve password ${secret}\ndefaults\n  mode http\nfrontend f\n  bind :3112\n  acl known req.hdr(X-API-Key) -m str "${secret}"\n  http-request deny unless known\n  http-request set-header Authorization "Bearer ${secret}"\n  http-request redirect location https://bob:${secret}@example.com/ if { path /in }\n  stats uri /stats\n  stats auth bob:${secret}\n  default_backend b\nbackend b\n  option httpchk GET / HTTP/1.1\\r\\nAuthorization:\\ Bearer\\ ${secret}\n  server one 127.0.0.1:3101 check\n`,
    Procfile: `web: API_KEY=${secret} gunicorn app:app --bind 0.0.0.0:3107 --keyfile-password ${secret}\n`,
    Dockerfile: `FROM node:20\nENV API_KEY=${secret}\nARG NPM_TOKEN=${secret}\nEXPOSE 3108\nCMD ["node", "server.js", "--jwt-secret", "${secret}"]\n`,
    'start.sh': `#!/bin/sh\nexport DB_PASSWORD='${secret}'\nmysql -uroot -p'${secret}' app &\nufw allow from office.example.com to any port 3101 comment 'password ${secret}'\nHOST=0.0.0.0 API_KEY='${secret}' node server.js --auth '${secret}' -u 'admin:${secret}'\ndocker run -e DB_PASSWORD='${secret}' -p 3110:3110 example/x:1\n`,
    'start.ps1': `$env:API_KEY = "${secret}"\n$env:HOST = "0.0.0.0"\nnode server.js --password "${secret}"\n`,
    'start.bat': `@set API_KEY=${secret}\r\nset "HOST=0.0.0.0"\r\nstart "" node server.js --password "${secret}" -u admin:${secret}\r\n`,
  }
}

const POLICY = `version: 1\nname: canary\nservices:\n  server: { port: 3101 }\n  api: { port: 3104 }\n  gone: { port: 3999 }\n`

/** Policies with mistakes right where a secret stands. */
function brokenPolicies(secret: string): Readonly<Record<string, string>> {
  return {
    'unknown.yaml': `version: 1\nname: x\npassword: ${secret}\nservices: { a: { port: 3000, apiKey: "${secret}" } }\n`,
    'syntax.yaml': `version: 1\nname: x\nx-password: "${secret}\nservices: { a: { port: 3000 }\n`,
    'indent.yaml': `version: 1\nx-secret:\n  api_key: ${secret}\n bad: "${secret}\n`,
    'type.yaml': `version: 1\nservices:\n  a: { port: "password=${secret}", from: "postgres://a:${secret}@b" }\n  b: { port: 1, tls: { certificate: a, password: "${secret}" } }\n`,
    'json.json': `{ "version": 1, "x-token": "${secret}" "services": {} }`,
    'tag.yaml': `version: 1\nx-password: !secret "${secret}"\nx-token: *${secret.replace(/\W/g, '')}\n`,
  }
}

function write(folder: string, contents: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

/** The secret as it stands, and as others would write it. */
function spellings(secret: string): readonly string[] {
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.from(`${' '.repeat(shift)}${secret}`)
      .toString('base64')
      .slice(shift === 0 ? 0 : 4, -4),
  )
  return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), secret.slice(0, 10), secret.slice(-10), ...base64]
}

describe.each(CANARIES)('C5 · a secret that is %s is in no output', (_, secret) => {
  const root = mkdtempSync(join(tmpdir(), 'sp-canary-'))
  const app = join(root, 'app')
  const bare = join(root, 'bare')
  let server: ChildProcess | undefined

  function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    return spawnSync(process.execPath, [CLI, ...args], { cwd: app, encoding: 'utf8', env: { ...process.env, ...env }, maxBuffer: 1 << 28 })
  }

  /** `expected`: what shows that the place was read at all. */
  function holds(args: readonly string[], expected: RegExp, env: Readonly<Record<string, string>> = {}): void {
    const { stdout, stderr } = run(args, env)
    const said = stdout + stderr
    expect(said, args.join(' ')).toMatch(expected)
    for (const spelling of spellings(secret))
      for (const line of said.split('\n')) if (line.includes(spelling)) expect.fail(`${args.join(' ')}: ${line}`)
  }

  beforeAll(async () => {
    write(app, { ...files(secret), 'sallyport.yaml': POLICY })
    write(bare, files(secret))
    write(root, brokenPolicies(secret))
    const code = "require('http').createServer().listen(0, '127.0.0.1', function () { console.log(this.address().port) })"
    const words = [
      '--auth',
      secret,
      `--license=${secret}`,
      '--pw',
      secret,
      '-u',
      `admin:${secret}`,
      `--db=postgres://a:${secret}@b/c`,
      `TOKEN=${secret}`,
    ]
    server = spawn(process.execPath, ['-e', code, '--', ...words], {
      cwd: app,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: '/usr/bin:/bin',
        API_KEY: secret,
        HOST: `http://me:${secret}@localhost`,
        BIND: `password=${secret}`,
        name: 'canary-live',
        pm_id: '7',
      },
    })
    await new Promise((resolve) => server?.stdout?.once('data', resolve))
  })
  afterAll(() => {
    server?.kill()
    rmSync(root, { recursive: true, force: true })
  })

  it('checklist, and the commands of its life', () => {
    for (const format of ['text', 'json', 'markdown'])
      holds(['checklist', '--folder', app, '--format', format], /No source binds every interface/)
    for (const format of ['text', 'json']) holds(['health', '--folder', app, '--format', format], /both PM2 and compose would start it/)
    // Nothing is agreed to: without a terminal nothing is started.
    holds(['up', '--folder', app], /both PM2 and compose would start it/)
  })

  it.each([
    ['text', []],
    ['text', ['--verbose']],
    ['json', []],
    ['sarif', []],
    ['junit', []],
    ['markdown', []],
  ])('check --format %s %j, of folder and machine', (format, more) => {
    holds(['check', app, '--format', format, ...more], /3101/)
    holds(['check', bare, '--scope', 'folder', '--format', format, ...more], /docker-compose\.yml/)
    holds(['check', app, '--format', format, ...more], /3101/, { SALLYPORT_DEBUG: '1', SALLYPORT_ENV: `token=${secret}` })
  })

  it('the live process is among what is told', () => {
    holds(['check', app, '--format', 'json'], /"--license=\[redacted\]"/)
  })

  it('a capture has the live process, and what it was given is in none of it', () => {
    holds(['capture'], /canary-live/)
  })

  it.each(['text', 'json'])('explain of every service, --format %s', (format) => {
    const { services } = JSON.parse(run(['check', app, '--scope', 'folder', '--format', 'json']).stdout) as { services: { name: string }[] }
    const named = services.map(({ name }) => name)
    expect(named.length).toBeGreaterThan(5)
    for (const name of new Set([...named, '3104', '6379'])) holds(['explain', name, '--format', format], /./)
  })

  it.each([
    ['ports', [], /3104/],
    ['ports', ['--format', 'json'], /3104/],
    ['init', ['--stdout'], /port: 3104/],
  ])('%s %j', (command, more, expected) => {
    holds([command, bare, ...more], expected)
    holds([command, bare, ...more], expected, { SALLYPORT_DEBUG: '1' })
  })

  it.each(Object.keys(brokenPolicies('')))('mistakes of a policy: %s', (name) => {
    for (const env of [{}, { SALLYPORT_DEBUG: '1' }])
      holds(['check', app, '--scope', 'folder', '--policy', join(root, name)], /the policy has/, env)
  })

  it('files that are broken where a secret stands', () => {
    const broken = join(root, 'broken')
    write(broken, {
      'package.json': `{ "scripts": { "start": "API_KEY=${secret} node server.js" "token": "${secret}" }`,
      'docker-compose.yml': `services:\n  a:\n    environment:\n      DB_PASSWORD: "${secret}\n   bad: [\n`,
      'nginx.conf': `server { listen 80; proxy_set_header X-API-Key "${secret};\n`,
      'ecosystem.config.js': `module.exports = { apps: [{ env: { API_KEY: '${secret} }] \n`,
      'server.js': `const password = '${secret}\nrequire('http').createServer().listen(3101\n`,
      '.env': `API_KEY="${secret}\nDB_PASSWORD='${secret}\n`,
    })
    for (const format of ['text', 'json', 'sarif'])
      holds(['check', broken, '--scope', 'folder', '--format', format, '--fail-on', 'never'], /./)
    holds(['check', broken, '--scope', 'folder', '--verbose'], /./, { SALLYPORT_DEBUG: '1' })
  })

  it('words that were typed wrongly', () => {
    for (const args of [
      ['check', `--password=${secret}`],
      ['check', `--auth=${secret}`],
      ['check', '--policy', `postgres://a:${secret}@b/c`],
      ['explain', `password=${secret}`],
      ['explain', 'api', '--from', `token=${secret}`],
      ['check', app, '--environment', `token=${secret}`],
    ])
      holds(args, /./, { SALLYPORT_DEBUG: '1' })
  })
})
