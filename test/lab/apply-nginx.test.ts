import { afterAll, beforeAll, expect, it } from 'vitest'
import { Lab } from '../../lab/index.ts'
import { describeLab } from '../../lab/testing.ts'
import { CLI } from '../cli.ts'

const build = () =>
  Lab.create({
    zones: { internet: ['198.51.100.0/24'] },
    hosts: { server: { on: { internet: ['198.51.100.10'] }, defaultRoute: 'internet' } },
  })

const NGINX = `user root; pid /run/nginx.pid; events {}
http { access_log off; include /etc/nginx/conf.d/*.conf; }
`

const policy = (port: number, to: string) => `version: 1
name: shop
services:
  web: { port: ${port}, from: internet, domain: shop.example.com, routes: { "/": ${to} } }
  app: { port: 3000 }
  other: { port: 3999 }
`

const GET = `import sys, urllib.request as u
print(u.urlopen(u.Request(sys.argv[1], headers={'Host': 'shop.example.com'}), timeout=3).read().decode(), end='')`

await describeLab('E5 · apply nginx', () => {
  let lab: Awaited<ReturnType<typeof build>>

  beforeAll(async () => {
    lab = await build()
    const { server } = lab.hosts
    await server.run(['/bin/sh', '-c', 'rm -f /etc/nginx/conf.d/*; mkdir -p /var/site; echo here >/var/site/index.html'])
    await server.nginx(NGINX)
    await server.spawn(['busybox', 'httpd', '-f', '-p', '127.0.0.1:3000', '-h', '/var/site'])
    await server.listenAll([{ protocol: 'tcp', address: '0.0.0.0', port: 8088 }])
    await server.untilListening([{ protocol: 'tcp', port: 3000 }])
  })
  afterAll(async () => {
    await lab?.hosts.server.run(['nginx', '-s', 'stop'], { exit: 'any' })
    await lab?.close()
  })

  const apply = (...args: readonly string[]) =>
    lab.hosts.server.run(['node', CLI, 'apply', ...args], { cwd: '/var', exit: 'any', timeoutMs: 60_000 })
  async function applyPolicy(text: string, ...args: readonly string[]) {
    await lab.hosts.server.write('/var/sallyport.yaml', text)
    return apply('nginx', '--yes', ...args)
  }
  /** By a request through nginx, as from elsewhere. */
  async function page(port: number): Promise<string> {
    const words = ['python3', '-c', GET, `http://198.51.100.10:${port}/index.html`]
    return (await lab.hosts.server.run(words, { exit: 'any' })).stdout
  }
  const site = async () => (await lab.hosts.server.run(['/bin/sh', '-c', 'cat /etc/nginx/conf.d/* 2>/dev/null || :'])).stdout
  async function until(what: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + 20_000; !(await what()); ) {
      if (Date.now() > end) throw new Error('that did not come about')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  it('not confirmed, the site goes again', async () => {
    const applied = await applyPolicy(policy(8080, 'app'), '--within', '3')
    expect(applied).toMatchObject({ code: 0 })
    expect(applied.stdout).toContain('/etc/nginx/conf.d/sallyport.conf')
    expect(await page(8080)).toBe('here\n')
    await until(async () => (await apply('--status')).stdout === 'nginx: taken back\n')
    expect(await site()).toBe('')
    expect(await page(8080)).toBe('')
  })

  it('confirmed, it stays, and there is nothing to do again', async () => {
    expect(await applyPolicy(policy(8080, 'app'))).toMatchObject({ code: 0 })
    expect(await apply('--confirm')).toMatchObject({ code: 0, stderr: '' })
    expect((await applyPolicy(policy(8080, 'app'))).stdout).toContain('Nothing to change')
    expect(await page(8080)).toBe('here\n')
  })

  it('what was answered has to be answered: a service that is not there is noticed, and the site goes back', async () => {
    const before = await site()
    const { code, stderr } = await applyPolicy(policy(8080, 'other'))
    expect(stderr).toContain('http://shop.example.com:8080/ is not answered any more')
    expect(stderr).toContain('everything is as it was')
    expect(code).toBe(2)
    expect(await site()).toBe(before)
    expect(await page(8080)).toBe('here\n')
  })

  it('an address that is taken, which nginx says in its log alone, is noticed', async () => {
    const before = await site()
    const { code, stderr } = await applyPolicy(policy(8088, 'app'))
    expect(stderr).toContain('everything is as it was')
    expect(code).toBe(2)
    expect(await site()).toBe(before)
    expect(await page(8080)).toBe('here\n')
  })

  it('what nginx does not take, is not even tried', async () => {
    const before = await site()
    await lab.hosts.server.write('/etc/nginx/conf.d/a.conf', 'server { listen 8080 default_server; listen [::]:8080 default_server; }\n')
    const { code, stderr } = await applyPolicy(policy(8080, 'other'))
    expect(stderr).toContain('nginx does not take this')
    expect(code).toBe(2)
    await lab.hosts.server.run(['rm', '/etc/nginx/conf.d/a.conf'])
    expect(await site()).toBe(before)
  })
})
