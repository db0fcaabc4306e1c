import { afterAll, beforeAll, expect, it } from 'vitest'
import { findings, rulesOf } from './support/findings.ts'
import { describeExample } from './support/requirements.ts'
import { RIGHT, Voice, wrong } from './support/voice.ts'

await describeExample('examples/voice, moved to another port', () => {
  let voice: Voice
  beforeAll(async () => {
    voice = await Voice.deploy([RIGHT, wrong('port-8000'), wrong('everything-on-8000')])
    expect(await voice.firewall()).toMatchObject({ code: 0 })
    await voice.start(8000)
  })
  afterAll(() => voice?.remove())

  const move = (...args: readonly string[]) =>
    voice.server.sallyport(voice.app.folder, 'ports', 'move', 'voice', ...args, '--environment', 'development')

  it('V7 · a port that another program has is refused, and named', async () => {
    const other = await voice.server.spawn(
      [process.execPath, '--eval', "require('node:net').createServer().listen(9846, '127.0.0.1')"],
      '/',
    )
    await voice.server.untilListening(9846)
    const { code, stderr } = await move('9846', '--yes')
    await other.stop()
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(`pid ${other.pid}`) })
  })

  it('V8 · one step later the app answers on the new port and not on the old one, for its neighbours too', async () => {
    const { server, app } = voice
    expect(await server.status('http://192.168.1.100:8000/health')).toBe(200)
    expect(await server.run(['sh', 'scripts/health.sh'], app.folder)).toMatchObject({ stdout: '{"status":"ok"}' })
    const moved = await move('9847', '--yes')
    expect(moved).toMatchObject({ code: 0 })
    expect(moved.stdout).toContain('http://localhost:8000/auth/callback → http://localhost:9847/auth/callback')
    expect(moved.stdout).toContain('http://192.168.1.100:8000/calls → http://192.168.1.100:9847/calls')
    // Nothing was started anew yet: the new address is waited for in vain, and the old one is still there.
    const early = await move('9847', '--from', '8000', '--verify', '--wait', '1')
    expect(early).toMatchObject({ code: 1, stdout: expect.stringContaining('something still listens on 8000') })

    await voice.stop()
    await server.untilClosed(8000)
    expect(await voice.firewall()).toMatchObject({ code: 0 })
    await voice.start(9847)
    expect(await move('9847', '--from', '8000', '--verify', '--wait', '20')).toMatchObject({
      code: 0,
      stdout: 'http://127.0.0.1:9847/health answers with 200\nnothing listens on 8000\n',
    })
    expect(await server.status('http://192.168.1.100:9847/health')).toBe(200)
    expect(await server.run(['sh', 'scripts/health.sh'], app.folder)).toMatchObject({ stdout: '{"status":"ok"}' })
    expect(await server.run(['curl', '-fsS', 'http://127.0.0.1:9847/auth/login'], app.folder)).toMatchObject({
      stdout: '{"redirect_uri":"http://localhost:9847/auth/callback","self":"http://127.0.0.1:9847"}',
    })
    const doors = await server.doors([8000, 9847])
    expect(doors.get('lan 192.168.1.100 9847')).toBe('delivered')
    expect(doors.get('lan 192.168.1.100 8000')).not.toBe('delivered')
    expect(doors.get('internet 192.0.2.10 9847')).toBe('dropped')
  })

  it('V2, V3 · after it no finding is left that came from the old port', async () => {
    const { report } = await voice.check()
    expect(findings(report, 'common-port')).toEqual([])
    for (const rule of ['port-differs', 'origin-stale', 'private-reachable', 'service-missing'])
      expect([...rulesOf(report)]).not.toContain(rule)
  })
})
