import { spawnSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CLI, folder } from './cli.ts'

const POLICY = `version: 1
name: x
hosts: { api: { address: 192.0.2.10 } }
services:
  app: { host: api, port: 8000 }
  many: { host: api, port: [8001, 8002] }
  rtp: { host: api, port: 9000, protocol: udp }
`

function tunnel(args: readonly string[], cwd: string, path = process.env['PATH'] ?? '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'tunnel', ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
  })
  return { status, stdout, stderr }
}

describe('sallyport tunnel', () => {
  const path = folder({ 'sallyport.yaml': POLICY })

  it('P14 · prints the exact command, and opens nothing', () => {
    expect(tunnel(['app', 'user@remote-machine'], path)).toMatchObject({
      status: 0,
      stdout: 'ssh -L 8000:localhost:8000 user@remote-machine\n',
    })
    expect(tunnel(['many', 'user@api'], path).stdout).toBe('ssh -L 8001:localhost:8001 -L 8002:localhost:8002 user@192.0.2.10\n')
    expect(tunnel(['app', 'user@2001:db8::1', '--local-port', '9000'], path).stdout).toBe('ssh -L 9000:localhost:8000 user@2001:db8::1\n')
    expect(tunnel(['8443', 'box'], folder()).stdout).toBe('ssh -L 8443:localhost:8443 box\n')
  })

  it.each([
    '-oProxyCommand=touch x',
    '-oProxyCommand=x',
    'user@-oProxyCommand=x',
    '-user@box',
    'box;touch x',
    'box x',
    '$(x)',
    'a@b@c',
    '',
    'box\nx',
  ])('P14 · %j is no host: an option of ssh, or more than one word', (host) => {
    expect(tunnel(['app', '--', host], path)).toMatchObject({ status: 2, stdout: '' })
  })

  it('P14 · a service that is not there, or that ssh does not carry, is said', () => {
    expect(tunnel(['ap', 'box'], path).stderr).toContain('no service ap')
    expect(tunnel(['rtp', 'box'], path).stderr).toContain('UDP')
    for (const port of ['0', '70000', '999999'])
      for (const where of [path, folder()])
        expect(tunnel([port, 'box'], where)).toMatchObject({
          status: 2,
          stdout: '',
          stderr: expect.stringContaining(`${port} is no port\n`),
        })
  })

  it('P14 · a host that AWS manages is one that nobody signs in on; how it is reached through another is said', () => {
    const aws = `version: 1
name: x
hosts: { api: { address: 192.0.2.10 }, database: { managed: rds }, cache: { managed: elasticache, address: 10.0.0.9 } }
services:
  app: { host: api, port: 8000 }
  postgres: { host: database, port: 5432, from: api }
  redis: { host: cache, port: 6379, from: api }
`
    const there = folder({ 'sallyport.yaml': aws })
    for (const [args, said] of [
      [
        ['postgres', 'database'],
        /^sallyport: database is managed by AWS \(rds\), and nobody signs in there\n.*ssh -L 5432:ADDRESS:5432 USER@HOST, with the address that AWS gives database\n$/,
      ],
      [['5432', 'ops@database'], /database is managed by AWS/],
      [['postgres', 'ops@api'], /ssh -L 5432:ADDRESS:5432 ops@api, with/],
      [['redis', 'ops@api', '--open'], /cache is managed by AWS \(elasticache\).*\n.*ssh -L 6379:10\.0\.0\.9:6379 ops@api\n$/],
    ] as const)
      expect(tunnel(args, there), args.join(' ')).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(said) })
    expect(tunnel(['app', 'ops@api'], there).stdout).toBe('ssh -L 8000:localhost:8000 ops@192.0.2.10\n')
  })

  it('P14 · --open runs it, with the host behind every option, and never for neighbours', () => {
    const bin = folder({ ssh: '#!/bin/sh\nprintf "%s\\n" "$@"\nexit 9\n' })
    chmodSync(`${bin}/ssh`, 0o755)
    const { status, stdout } = tunnel(['app', 'user@box', '--open'], path, `${bin}:${process.env['PATH']}`)
    expect(status).toBe(9)
    expect(stdout.split('\n')).toEqual([
      '-N',
      '-o',
      'ExitOnForwardFailure=yes',
      '-o',
      'GatewayPorts=no',
      '-L',
      '8000:localhost:8000',
      '--',
      'user@box',
      '',
    ])
  })
})
