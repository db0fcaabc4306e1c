import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CLI, folder, ROOT } from './cli.ts'
import { whyNot } from './proxy-sockets/real.ts'

const PROGRAMS = ['/usr/bin/caddy', '/usr/sbin/haproxy']
const reason = PROGRAMS.flatMap((path) => whyNot({ path }) ?? [])[0]
if (reason !== undefined && process.env['SALLYPORT_NO_SKIP'] === '1')
  throw new Error(`Caddy and HAProxy have to be looked at, and cannot: ${reason}`)
if (reason !== undefined) console.warn(`skipped, no running Caddy and HAProxy are looked at: ${reason}`)

const CADDYFILE = `{
	admin 0.0.0.0:2019
}
http://app.example.com:8080 {
	handle /api/* {
		basicauth {
			bob JDJhJDE0JGNhbmFyeWhhc2hjYW5hcnloYXNo
		}
		reverse_proxy 127.0.0.1:3000
	}
}
`
const HAPROXY = `global
  stats socket 0.0.0.0:9999 level admin
defaults
  mode http
  timeout client 1s
  timeout connect 1s
  timeout server 1s
listen w
  bind 127.0.0.1:8081
  server s 127.0.0.1:3001
`
const APPS = `for (const port of [3000, 3001]) require('http').createServer().listen(port, '127.0.0.1')`

/** A machine with an address in the world, on which all of it runs; every process is ended by its own id. */
const SCRIPT = `set -eu
ip link set lo up
ip link add v0 type veth peer name v1
ip addr add 198.51.100.10/24 dev v0
ip link set v0 up
ip link set v1 up
ip route add default dev v0
cd "$1"
HOME=$1 caddy run --config=$1/Caddyfile > caddy.log 2>&1 & C=$!
haproxy -db -f $1/haproxy.cfg > haproxy.log 2>&1 & H=$!
"$2" apps.cjs & N=$!
trap 'kill $C $H $N; wait' EXIT
for _ in $(seq 100); do
  test "$(ss -Hltn | grep -cE ':(2019|8080|9999|8081|3000|3001) ')" -ge 6 && break
  sleep 0.1
done
cd "$4"
"$2" "$3" check --scope host || true
`

test.skipIf(reason !== undefined)(
  'C2 · Caddy and HAProxy that run are told with what they forward to, and their administrations that others reach',
  { timeout: 60_000 },
  () => {
    const home = folder({ Caddyfile: CADDYFILE, 'haproxy.cfg': HAPROXY, 'apps.cjs': APPS })
    writeFileSync(join(home, 'run.sh'), SCRIPT)
    const { stdout, stderr } = spawnSync('unshare', ['-n', 'sh', join(home, 'run.sh'), home, process.execPath, CLI, ROOT], {
      encoding: 'utf8',
      timeout: 50_000,
    })
    expect(`${stdout}${stderr}`).toMatch(/CRITICAL Caddy’s administration on tcp \*:2019 can be reached by the internet/)
    expect(stdout).toMatch(/CRITICAL HAProxy’s runtime API on tcp 0\.0\.0\.0:9999 can be reached by the internet/)
    expect(stdout).toMatch(/tcp 127\.0\.0\.1:3000 .*through caddy, with authentication \(password\)/)
    expect(stdout).toMatch(/tcp 127\.0\.0\.1:3001 .*through haproxy, without authentication/)
    expect(stdout).not.toContain('canaryhash')
    expect(stdout).not.toContain('JDJhJDE0')
  },
)
