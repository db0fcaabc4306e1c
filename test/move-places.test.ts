import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CLI, folder } from './cli.ts'

/** One service `web` on 3000, as most of these deployments have it. */
const POLICY = 'version: 1\nname: x\nservices:\n  web: { port: 3000 }\n'

interface Moved {
  readonly status: number | null
  readonly stderr: string
  readonly text: (path: string) => string
  /** Places that stay, with the reason. */
  readonly left: Readonly<Record<string, string>>
  readonly elsewhere: readonly { readonly what: string; readonly where: string; readonly from: string; readonly to: string }[]
}

/** `ports move web 9847` of a folder with these files. */
function moved(files: Readonly<Record<string, string>>, ...args: readonly string[]): Moved {
  const path = folder()
  for (const [name, text] of Object.entries({ 'sallyport.yaml': POLICY, ...files })) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), text)
  }
  const command = [CLI, 'ports', 'move', 'web', '9847', '--yes', '--format', 'json', '--folder', path, '--scope', 'folder', ...args]
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' })
  const data = (stdout === '' ? {} : JSON.parse(stdout)) as {
    readonly left?: readonly { readonly place: string; readonly why: string }[]
    readonly elsewhere?: Moved['elsewhere']
  }
  return {
    status,
    stderr,
    text: (name) => readFileSync(join(path, name), 'utf8'),
    left: Object.fromEntries((data.left ?? []).map(({ place, why }) => [place, why])),
    elsewhere: data.elsewhere ?? [],
  }
}

describe('inside containers', () => {
  const STAYS = 'the container’s own port, which stays: nothing here gives it'

  it('V8 · where the container’s own port stays, its health check and its name on the container network do too', () => {
    const compose = `services:
  web:
    image: example/web:1
    ports: ["127.0.0.1:3000:3000"]
    expose: ["3000"]
    healthcheck: { test: ["CMD", "curl", "-f", "http://localhost:3000/health"] }
  sidecar:
    image: example/sidecar:1
    network_mode: service:web
    environment: { OWN: "http://localhost:3000" }
  agent:
    image: example/agent:1
    network_mode: host
    environment: { MACHINE: "http://localhost:3000" }
  other:
    image: example/other:1
    environment: { NAMED: "http://web:3000", MACHINE: "http://host.docker.internal:3000", OWN: "http://localhost:3000" }
`
    const { status, text, left } = moved({
      'docker-compose.yml': compose,
      'check.sh': 'docker compose exec web curl http://localhost:3000/\n',
    })
    expect(status).toBe(0)
    expect(text('docker-compose.yml')).toBe(
      compose.replace('127.0.0.1:3000:3000', '127.0.0.1:9847:3000').replaceAll(/MACHINE: "(.*?):3000"/g, 'MACHINE: "$1:9847"'),
    )
    expect(left).toEqual({
      'check.sh:1:47': STAYS,
      'docker-compose.yml:4:29': STAYS,
      'docker-compose.yml:5:15': STAYS,
      'docker-compose.yml:6:66': STAYS,
      'docker-compose.yml:10:43': STAYS,
      'docker-compose.yml:17:39': STAYS,
      'docker-compose.yml:17:114': 'of another container, whose localhost this is',
    })
  })

  it('V8 · where a variable gives the container its port, both sides and what calls them move', () => {
    const compose = `services:
  web:
    image: example/web:1
    ports: ["127.0.0.1:3000:3000"]
    environment: { PORT: "3000" }
    healthcheck: { test: ["CMD", "curl", "-f", "http://localhost:3000/health"] }
  other:
    image: example/other:1
    environment: { NAMED: "http://web:3000" }
`
    const { text, left } = moved({ 'docker-compose.yml': compose })
    expect(text('docker-compose.yml')).toBe(compose.replaceAll('3000', '9847'))
    expect(left).toEqual({})
  })

  it('V8 · an image whose program was not read keeps EXPOSE and its health check', () => {
    const image = 'FROM example/base:1\nEXPOSE 3000\nHEALTHCHECK CMD curl -f http://localhost:3000/\nCMD ["/bin/thing"]\n'
    const { text } = moved({
      'docker-compose.yml': 'services:\n  web:\n    build: .\n    ports: ["127.0.0.1:3000:3000"]\n',
      Dockerfile: image,
    })
    expect(text('Dockerfile')).toBe(image)
    expect(text('docker-compose.yml')).toContain('127.0.0.1:9847:3000')
  })

  it('V8 · behind `docker run` a script is on the machine again', () => {
    const script = `#!/bin/sh
docker run -d --name web -p 127.0.0.1:3000:3000 \\
  --health-cmd 'curl -f http://localhost:3000/' example/web:1
curl -fsS http://localhost:3000/
`
    const { text } = moved({ 'up.sh': script })
    expect(text('up.sh')).toBe(
      script
        .replace('127.0.0.1:3000:3000', '127.0.0.1:9847:3000')
        .replace('curl -fsS http://localhost:3000', 'curl -fsS http://localhost:9847'),
    )
  })

  it('V8 · nothing is written where the container’s port is given by nothing and published nowhere', () => {
    const { status, stderr, text } = moved({ 'docker-compose.yml': 'services:\n  web:\n    image: example/web:1\n    expose: ["3000"]\n' })
    expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringContaining('gives the container of web its port') })
    expect(text('sallyport.yaml')).toBe(POLICY)
  })
})

describe('by the kind of file', () => {
  const LINE = 'see http://localhost:3000/x PORT=3000\n'
  const STARTS = { '.env': 'PORT=3000\n', 'server.js': "require('http').createServer().listen(process.env.PORT, '127.0.0.1')\n" }

  it.each([
    ['yarn.lock', /lock file/],
    ['checksums/SHA256SUMS', /checksums/],
    ['public/app.min.js', /minified/],
    ['src/api.generated.ts', /generated/],
    ['db/migrations/001.sql', /migration/],
    ['app/migrations/0001_initial.py', /migration/],
    ['dump.sql', /data/],
    ['data.csv', /data/],
    ['app.log', /a log/],
    ['logs/out.1', /a log/],
    ['app.log.2', /a log/],
    ['app.log-20260101', /a log/],
    ['session.har', /recording/],
    ['test/__snapshots__/a.snap', /snapshot/],
    ['keys.pem', /key/],
    ['.git-blame-ignore-revs', /record of changes/],
    ['config.yaml.orig', /put aside/],
  ])('V8 · %s is a record: it stays, and is listed once with the reason', (path, why) => {
    const { status, text, left } = moved({ ...STARTS, [path]: LINE })
    expect(status).toBe(0)
    expect(text(path)).toBe(LINE)
    expect(left).toEqual({ [`${path}:1:22`]: expect.stringMatching(new RegExp(`${why.source}.* \\(2 places\\)$`)) })
  })

  it('V8 · how an editor starts it is configuration', () => {
    const launch = '{\n  // starts it\n  "configurations": [{ "env": { "PORT": "3000" }, "url": "http://localhost:3000" }]\n}\n'
    const { text, left } = moved({ ...STARTS, '.vscode/launch.json': launch })
    expect(text('.vscode/launch.json')).toBe(launch.replaceAll('3000', '9847'))
    expect(left).toEqual({})
  })

  it('V8 · built output whose source is here is listed, and not edited', () => {
    const built = "require('http').createServer().listen(3000, '127.0.0.1')\n"
    const { text, left } = moved({
      'package.json': '{ "name": "web", "scripts": { "build": "tsc", "start": "node dist/index.js" } }',
      'src/index.ts': "import http from 'node:http'\nhttp.createServer().listen(3000, '127.0.0.1')\n",
      'dist/index.js': built,
    })
    expect(text('src/index.ts')).toContain('listen(9847')
    expect(text('dist/index.js')).toBe(built)
    expect(left).toEqual({ 'dist/index.js:1:39': 'built output, whose source is here: build it again' })
  })
})

const noIptables =
  spawnSync('unshare', ['--net', 'sh', '-ec', 'iptables -S && ip6tables -S']).status === 0
    ? undefined
    : 'a network namespace with iptables cannot be made here'
if (noIptables !== undefined && process.env['SALLYPORT_NO_SKIP'] === '1') throw new Error(`old rules have to be taken away: ${noIptables}`)
if (noIptables !== undefined) console.warn(`skipped, old rules are not taken away by iptables itself: ${noIptables}`)

describe('rules that are in the firewall already', () => {
  const STARTS = { '.env': 'PORT=3000\n', 'server.js': "require('http').createServer().listen(process.env.PORT, '127.0.0.1')\n" }

  it.each([
    ['ufw allow 3000/tcp', 'ufw delete allow 3000/tcp'],
    ["sudo ufw insert 1 limit from 192.0.2.0/24 to any port 3000 comment 'the web'", 'ufw delete limit from 192.0.2.0/24 to any port 3000'],
    ['iptables -A INPUT -p tcp --dport 3000 -j ACCEPT', 'iptables -D INPUT -p tcp --dport 3000 -j ACCEPT'],
    ['ip6tables -I INPUT 1 -p tcp \\\n  --dport 3000 -j ACCEPT', 'ip6tables -D INPUT -p tcp --dport 3000 -j ACCEPT'],
    [
      'iptables -t nat -A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 3000',
      'iptables -t nat -D PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 3000',
    ],
    [
      'nft add rule inet filter input tcp dport 3000 accept',
      'nft -a list chain inet filter input, then nft delete rule inet filter input handle N',
    ],
    ['firewall-cmd --permanent --add-port=3000/tcp', 'firewall-cmd --permanent --remove-port=3000/tcp'],
    [
      'aws ec2 authorize-security-group-ingress --group-id sg-1 \\\n  --protocol tcp --port 3000 --cidr 192.0.2.0/24',
      'aws ec2 revoke-security-group-ingress --group-id sg-1 --protocol tcp --port 3000 --cidr 192.0.2.0/24',
    ],
  ])('V8 · `%s` is changed, and what takes the old rule away is listed', (command, undo) => {
    const { text, elsewhere } = moved({ ...STARTS, 'fw.sh': `#!/bin/sh\n${command}\nufw deny 3000/udp\n` })
    expect(text('fw.sh')).toBe(`#!/bin/sh\n${command.replace('3000', '9847')}\nufw deny 3000/udp\n`)
    expect(elsewhere.map(({ to }) => to)).toEqual([undo])
  })

  it.skipIf(noIptables !== undefined)('V8 · iptables itself takes the old rule away by what is listed, and nothing else', () => {
    const script = `#!/bin/sh
iptables -A INPUT -p tcp --dport 3001 -j ACCEPT
iptables -I INPUT 1 -p tcp --dport 3000 -m comment --comment 'the web' -j ACCEPT
iptables -t nat -A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 3000
ip6tables -A INPUT -p tcp --dport 3000 -j ACCEPT
`
    const { elsewhere } = moved({ ...STARTS, 'fw.sh': script })
    const save = "iptables-save | grep '^-A'; ip6tables-save | grep '^-A'"
    const { stdout, stderr } = spawnSync(
      'unshare',
      ['--net', 'sh', '-ec', `${script}${elsewhere.map(({ to }) => to).join('\n')}\n${save} || true`],
      {
        encoding: 'utf8',
      },
    )
    expect({ stdout, stderr }).toEqual({ stdout: '-A INPUT -p tcp -m tcp --dport 3001 -j ACCEPT\n', stderr: '' })
  })

  it('V8 · a variable of the script that gives its rules the port moves, and the old rules are listed', () => {
    const { text, elsewhere } = moved({ ...STARTS, 'fw.sh': '#!/bin/sh\nWEB=3000\nufw allow "$WEB/tcp"\n' })
    expect(text('fw.sh')).toContain('WEB=9847')
    expect(elsewhere.map(({ to }) => to)).toEqual(['ufw delete allow 3000/tcp'])
  })

  it('V8 · a file of tables that is added to what is there leaves the old rule; one that takes that away first does not', () => {
    const table = 'table inet filter {\n  chain input {\n    type filter hook input priority 0\n    tcp dport 3000 accept\n  }\n}\n'
    expect(moved({ ...STARTS, 'fw.nft': table }).elsewhere).toMatchObject([{ from: 'tcp dport 3000 accept' }])
    expect(moved({ ...STARTS, 'fw.nft': `flush ruleset\n${table}` }).elsewhere).toEqual([])
  })
})

it('V8 · what else is started on the port is refused, in the policy or not; what is in a container of its own is not', () => {
  const files = {
    'docker-compose.yml': 'services:\n  web:\n    image: example/web:1\n    ports: ["127.0.0.1:3000:3000"]\n',
    'nginx.conf': 'server { listen 80; location / { proxy_pass http://127.0.0.1:3000; } }\n',
  }
  const twin = { ...files, 'run.sh': '#!/bin/sh\nPORT=3000 next start\n' }
  const refused = moved(twin)
  expect(refused).toMatchObject({ status: 2, stderr: expect.stringMatching(/^sallyport: run\.sh:2 starts run on port 3000 too/) })
  expect(refused.text('nginx.conf')).toBe(files['nginx.conf'])
  expect(moved(twin, '--force').text('run.sh')).toContain('PORT=3000')
  const named = { ...twin, 'sallyport.yaml': `${POLICY}  run: { port: 3001 }\n` }
  expect(moved(named).status).toBe(2)
  const inside = `${files['docker-compose.yml']}  other:\n    image: example/other:1\n    environment: { PORT: "3000" }\n`
  expect(moved({ ...files, 'docker-compose.yml': inside }).status).toBe(0)
})

it('V8 · a name that there is not is answered with the services of the folder, not with what else runs on the machine', async () => {
  const path = folder({
    'sallyport.yaml': 'version: 1\nservices:\n  web: { port: 3000 }\n  mail: { port: 3001 }\n',
  })
  const stranger = createServer().listen(0, '127.0.0.1')
  await once(stranger, 'listening')
  const { status, stderr } = spawnSync(process.execPath, [CLI, 'ports', 'move', 'nosuch', '9847', '--yes', '--folder', path], {
    encoding: 'utf8',
  })
  stranger.close()
  expect({ status, stderr }).toEqual({ status: 2, stderr: 'sallyport: there is no service nosuch here\n  there is web, mail\n' })
})

describe('in manifests of Kubernetes', () => {
  const workload = (name: string, environment: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  template:
    spec:
      containers:
        - name: ${name}
          image: example/${name}:1
          ${environment}
          ports: [{ containerPort: 3000 }]
          livenessProbe: { httpGet: { path: /health, port: 3000 } }
---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec:
  ports: [{ port: 3000, targetPort: 3000 }]
`
  const GIVEN = 'env: [{ name: PORT, value: "3000" }]'

  it('V8 · the container’s port, its probes and targetPort move where a variable gives it; other workloads and the Service’s own port stay', () => {
    const text = `${workload('web', GIVEN)}---\n${workload('other', GIVEN)}`
    const { text: read, left } = moved({ 'k8s.yaml': text })
    const own = workload('web', GIVEN).replaceAll('3000', '9847').replace('port: 9847, targetPort', 'port: 3000, targetPort')
    expect(read('k8s.yaml')).toBe(`${own}---\n${workload('other', GIVEN)}`)
    expect(Object.values(left).filter((why) => why.includes('of the Kubernetes Service'))).toHaveLength(1)
    expect(Object.values(left).filter((why) => why === 'of another workload')).toHaveLength(5)
  })

  it('V8 · where nothing gives it, the image keeps its port', () => {
    const text = workload('web', 'env: []')
    const { text: read, left } = moved({ 'k8s.yaml': text, 'fw.sh': 'ufw allow 3000/tcp\n' })
    expect(read('k8s.yaml')).toBe(text)
    expect(left['k8s.yaml:11:36']).toContain('which stays')
  })
})
