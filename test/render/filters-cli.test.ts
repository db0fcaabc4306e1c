import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CLI, folder } from '../cli.ts'

const path = folder({
  'sallyport.yaml': `version: 1
hosts: { api: { address: 192.0.2.10 }, voice: { address: 192.0.2.20 }, data: { address: 192.0.2.30, managed: rds } }
services:
  ssh: { host: [api, voice], port: 22, from: 203.0.113.7 }
  https: { host: api, port: 443, from: internet }
  sip: { host: voice, port: 5060, protocol: udp, from: private }
  database: { host: data, port: 5432, from: api }
`,
})

function render(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'render', ...args], { cwd: path, encoding: 'utf8' })
  return { status, stdout, stderr }
}

describe('sallyport render of packet filters', () => {
  it('C1 · a file for each host that has a packet filter, below its name', () => {
    const { status, stdout } = render('nftables')
    expect(status).toBe(0)
    expect(stdout.match(/^==> .*/gm)).toEqual(['==> api/etc/nftables.d/sallyport.nft <==', '==> voice/etc/nftables.d/sallyport.nft <=='])
    expect(render('nftables', '--host', 'voice').stdout).not.toContain('==>')
    expect(render('nftables').stdout).toBe(stdout)
  })

  it('V10 · --link says which addresses are neighbours besides; without it that is said to be missing', () => {
    expect(render('nftables', '--host', 'voice').stderr).toContain('--link')
    const { stdout, stderr } = render('nftables', '--host', 'voice', '--link', '2001:db8:1::/64', '--link', '198.51.100.0/24')
    expect(stdout).toMatch(/elements = \{[^}]*198\.51\.100\.0\/24/)
    expect(stdout).toMatch(/elements = \{[^}]*2001:db8:1::\/64/)
    expect(stderr).toBe('')
    expect(render('nftables', '--link', 'example.com')).toMatchObject({ status: 2, stdout: '' })
  })

  it('C6, V5 · written below a folder, compared there: exit 1 where they differ, and the folder is left as it was', () => {
    const out = ['-o', 'out', '--link', '2001:db8:1::/64']
    expect(render('iptables', ...out)).toMatchObject({ status: 0, stdout: '' })
    expect(statSync(join(path, 'out/api/etc/iptables/sallyport')).mode & 0o777).toBe(0o755)
    expect(render('iptables', ...out, '--check')).toMatchObject({ status: 0, stdout: 'nothing differs\n' })
    expect(render('iptables', ...out)).toMatchObject({ status: 2 })
    const rules = join(path, 'out/api/etc/iptables/sallyport.v4')
    const changed = readFileSync(rules, 'utf8').replace('--dport 443', '--dport 8443')
    writeFileSync(rules, changed)
    const { status, stdout } = render('iptables', ...out, '--check')
    expect(status).toBe(1)
    expect(stdout).toContain('api: tcp 443 by IPv4: is not there; wanted: everyone')
    expect(stdout).toContain('api: tcp 8443 by IPv4: is not wanted; there: everyone')
    expect(readFileSync(rules, 'utf8')).toBe(changed)
  })

  it('C6 · nothing is written outside of the folder, where a link in it leads; what cannot be written is said', () => {
    mkdirSync(join(path, 'elsewhere'))
    mkdirSync(join(path, 'linked'))
    symlinkSync('../elsewhere', join(path, 'linked/api'))
    const { status, stderr } = render('nftables', '--host', 'api', '-o', 'linked/api', '--link', '2001:db8:1::/64')
    expect([status, stderr.includes('written')]).toEqual([0, true])
    const out = render('iptables', '-o', 'linked')
    expect(out.status).toBe(2)
    expect(out.stderr).toContain('that a link leads to')
    expect(readdirSync(join(path, 'elsewhere/etc'))).toEqual(['nftables.d'])
    const file = render('iptables', '-o', 'sallyport.yaml')
    expect(file.status).toBe(2)
    expect(file.stderr).toContain('could not be written')
  })

  it('C4 · of several hosts this machine is none until that is said', () => {
    const { status, stderr } = render('nftables', '--check')
    expect(status).toBe(2)
    expect(stderr).toContain('--host api')
    expect(render('nftables', 'https')).toMatchObject({ status: 2, stdout: '' })
    expect(render('nftables', '--host', 'data')).toMatchObject({ status: 2, stdout: '' })
  })
})
