import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findings, placesOf, rulesOf, summary } from './support/findings.ts'
import { describeExample } from './support/requirements.ts'
import { type Environment, RIGHT, Voice, wrong } from './support/voice.ts'

await describeExample('examples/voice', () => {
  describe('in development, behind its firewall', () => {
    let voice: Voice
    beforeAll(async () => {
      voice = await Voice.deploy([RIGHT])
      expect(await voice.firewall()).toMatchObject({ code: 0 })
    })
    afterEach(() => voice?.stop())
    afterAll(() => voice?.remove())

    it('V2, V5, V10 · 9847 for the local network only: no finding, 100/100, and packets agree', async () => {
      await voice.start(9847)
      const checked = await voice.check()
      expect(summary(checked.report)).toEqual([])
      expect(checked.report.score).toEqual({ value: 100, costs: [], cap: null })
      expect(checked.exit).toBe(0)
      expect(await voice.score()).toContain('100/100')
      const ways = checked.report.services.find(({ name }) => name === 'voice')?.endpoints.flatMap(({ reach }) => reach) ?? []
      expect(new Set(ways.map(({ from }) => from))).toEqual(new Set(['private']))
      for (const source of ways.flatMap(({ sources }) => sources)) expect(source).toMatch(/^192\.168\.1\./)
      expect(Object.fromEntries(await voice.server.doors([9847]))).toEqual({
        'internet 192.0.2.10 9847': 'dropped',
        'internet 2001:db8:1::10 9847': 'dropped',
        'lan 192.168.1.100 9847': 'delivered',
      })
    })

    it('V3 · a wildcard origin', async () => {
      voice.lay(wrong('wildcard-origin'))
      await voice.start(9847)
      const checked = await voice.check()
      expect(rulesOf(checked.report)).toEqual(new Set(['origin-wildcard']))
      expect(findings(checked.report, 'origin-wildcard').flatMap(placesOf)).toContain(voice.app.place('.env', 'CORS_ORIGINS=*'))
    })

    it('V3 · an origin of an old port, and one of a foreign site', async () => {
      voice.lay(wrong('stale-origin'))
      await voice.start(9847)
      const checked = await voice.check()
      expect(rulesOf(checked.report)).toEqual(new Set(['origin-stale']))
      const place = voice.app.place('.env', 'CORS_ORIGINS=')
      const inUse = findings(checked.report, 'origin-stale').filter((finding) => placesOf(finding).includes(place))
      const named = inUse.map(({ message }) => /allows (\S+?),/.exec(message)?.[1])
      expect(new Set(named)).toEqual(new Set(['http://localhost:8000', 'https://voice.example.net']))
    })

    it('V7 · before the start: the health check says that the service is down, and another program that has the port is named', async () => {
      voice.lay(RIGHT)
      const { server, app } = voice
      expect(await server.run(['sh', 'scripts/health.sh'], app.folder, 'any')).toMatchObject({ code: 1, stdout: 'Service down\n' })
      const other = await server.spawn([process.execPath, '--eval', "require('node:net').createServer().listen(9847, '127.0.0.1')"], '/')
      await server.untilListening(9847)
      const [missing] = findings((await voice.check()).report, 'service-missing', 'voice')
      await other.stop()
      await server.untilClosed(9847)
      expect(missing?.facts.join('\n')).toContain(`pid ${other.pid}`)
      await voice.start(9847)
      expect(await server.run(['sh', 'scripts/health.sh'], app.folder)).toMatchObject({ stdout: '{"status":"ok"}' })
    })
  })

  describe('on a server of its own', () => {
    let voice: Voice | undefined
    afterEach(async () => {
      await voice?.remove()
      voice = undefined
    })

    async function deploy(layers: readonly string[], environment?: Environment): Promise<Voice> {
      voice = await Voice.deploy(layers, environment)
      return voice
    }

    it('V2 · the same on 8000: 90/100', async () => {
      const voice = await deploy([RIGHT, wrong('port-8000')])
      await voice.firewall()
      await voice.start(8000)
      const checked = await voice.check()
      expect(summary(checked.report)).toEqual(['low common-port voice'])
      expect(checked.report.score).toEqual({ value: 90, costs: [{ rule: 'common-port', cost: 10, findings: 1 }], cap: null })
      expect(await voice.score()).toContain('90/100')
    })

    it('V10 · without the firewall the internet comes too, which is not what was declared', async () => {
      const voice = await deploy([RIGHT])
      await voice.start(9847)
      const found = findings((await voice.check()).report, 'private-reachable')
      expect(found.map(({ severity }) => severity)).toEqual(['critical'])
      expect(found[0]?.message).toContain('the internet')
      expect(found.flatMap(placesOf)).toContain(voice.app.place('.env', 'HOST=0.0.0.0'))
      expect(Object.fromEntries(await voice.server.doors([9847]))).toEqual({
        'internet 192.0.2.10 9847': 'delivered',
        'internet 2001:db8:1::10 9847': 'refused',
        'lan 192.168.1.100 9847': 'delivered',
      })
    })

    it('V5 · a host name in the firewall script: named, and the port that ufw left open as well', async () => {
      const voice = await deploy([RIGHT, wrong('host-name-in-firewall')])
      const ran = await voice.firewall()
      expect(ran.code).not.toBe(0)
      expect(ran.stderr).toContain('Bad source address')
      await voice.start(9847)
      const checked = await voice.check()
      expect(findings(checked.report, 'firewall-host-name').map(placesOf)).toEqual([
        [voice.app.place('scripts/firewall.sh', 'office.example.com')],
      ])
      expect(findings(checked.report, 'private-reachable')).toHaveLength(1)
    })

    it('V4, V9 · staging on 9848, declared public and without a proxy: --host 0.0.0.0 is what was declared', async () => {
      const voice = await deploy([RIGHT, wrong('open-behind-proxy')], 'staging')
      await voice.start(9848)
      const checked = await voice.check()
      expect(summary(checked.report)).toEqual([])
      expect(checked.report.score.value).toBe(100)
      expect(checked.report.policy?.environment).toBe('staging')
      const [missing] = findings((await voice.check('development')).report, 'service-missing', 'voice')
      expect(missing?.message).toMatch(/9847.*9848/)
    })

    it('V4, V6 · production on 9849, behind nginx: no finding, and the direct port is closed', async () => {
      const voice = await deploy([RIGHT], 'production')
      await voice.server.serve(voice.app.read('nginx/voice.conf'), 'voice.example.com')
      await voice.start(9849)
      const checked = await voice.check()
      expect(summary(checked.report)).toEqual([])
      expect(checked.report.score.value).toBe(100)
      expect(new Set((await voice.server.doors([9849])).values())).toEqual(new Set(['refused']))
      expect(checked.report.services.find(({ name }) => name === 'voice')?.through).toMatchObject({
        proxies: ['nginx'],
        only: true,
        from: 'internet',
      })
      expect(await voice.server.status('https://192.168.1.100/health', '--header', 'Host: voice.example.com')).toBe(200)
    })

    it('V9 · production with --host 0.0.0.0 behind nginx: the argument is named', async () => {
      const voice = await deploy([RIGHT, wrong('open-behind-proxy')], 'production')
      await voice.server.serve(voice.app.read('nginx/voice.conf'), 'voice.example.com')
      await voice.start(9849)
      const found = findings((await voice.check()).report, 'private-reachable', 'voice')
      expect(found.map((finding) => placesOf(finding)[0])).toEqual([voice.app.place('scripts/start.sh', '--host 0.0.0.0')])
    })

    it('V4 · without the name of an environment nothing is guessed', async () => {
      const { server, app } = await deploy([RIGHT])
      await expect(server.check(app.folder)).rejects.toThrow(/ended with 2.*environment/s)
    })
  })
})
