import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Lab } from '../../lab/index.ts'
import { describeLab } from '../../lab/testing.ts'

const CLI = join(fileURLToPath(new URL('../..', import.meta.url)), 'packages/cli/dist/main.js')

const build = () =>
  Lab.create({
    zones: { internet: ['198.51.100.0/24', '2001:db8:51::/64'] },
    hosts: { server: { on: { internet: ['198.51.100.10', '2001:db8:51::10'] }, defaultRoute: 'internet' } },
  })

const NGINX = `events {}
http { server { listen 80; listen [::]:80; location /shop/ { proxy_pass http://127.0.0.1:3000; } } }
`

const POLICY = `version: 1
name: shop
hosts: { server: { address: 198.51.100.10, upstream: none } }
services:
  web: { host: server, port: 80, from: internet, domain: example.com, routes: { /: app } }
  app: { host: server, port: 3000 }
  ssh: { host: server, port: 22, from: 203.0.113.7 }
  esl: { host: server, port: 8021 }
`

await describeLab('a picture of what is really there', () => {
  let lab: Awaited<ReturnType<typeof build>>
  const folder = mkdtempSync(join(tmpdir(), 'sp-picture-'))
  beforeAll(async () => {
    lab = await build()
    const { server } = lab.hosts
    writeFileSync(join(folder, 'sallyport.yaml'), POLICY)
    await server.nginx(NGINX)
    await server.listenAll([
      { protocol: 'tcp', address: '127.0.0.1', port: 3000 },
      { protocol: 'tcp', address: '0.0.0.0', port: 22 },
      { protocol: 'tcp', address: '::', port: 8021 },
    ])
    await server.iptables('*filter\n-A INPUT -p tcp --dport 22 ! -s 203.0.113.7 -j DROP\nCOMMIT\n')
    await server.ip6tables('*filter\n-A INPUT -p tcp --dport 8021 -j DROP\nCOMMIT\n')
  })
  afterAll(async () => {
    await lab?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('I13 · draws who reaches what by the rules and sockets, and what a proxy passes on; what the policy says is another picture', async () => {
    const { stdout } = await lab.hosts.server.run([process.execPath, CLI, 'render', 'diagram', '--seen'], { cwd: folder })
    const told = (/<desc[^>]*>([^<]*)<\/desc>/.exec(stdout)?.[1] ?? '').trim().split('\n')
    const host = /\(([^)]*)\)/.exec(told[0] ?? '')?.[1] ?? ''
    expect(told.map((line) => line.replaceAll(host, 'HOST')).toSorted()).toEqual(
      [
        'the internet reaches web (HOST): tcp 80',
        '203.0.113.7 reaches ssh (HOST): tcp 22 IPv4',
        'the internet reaches esl (HOST): tcp 8021 IPv4',
        'web (HOST) reaches app (HOST): requests /shop/',
        'app (HOST) is shut: tcp 3000, this machine only',
      ].toSorted(),
    )
    const meant = await lab.hosts.server.run([process.execPath, CLI, 'render', 'diagram'], { cwd: folder })
    expect(meant.stdout).toContain('esl (server  198.51.100.10) is shut: tcp 8021, this machine only')
  })
})
