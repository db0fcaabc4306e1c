import { describe, expect, it } from 'vitest'
import { readSs } from './index.ts'

const one = (line: string) => [...readSs(line)]

describe('what ss tells of a socket', () => {
  it('is whether it takes IPv4 too, and its device', () => {
    const text = `udp UNCONN 0      0            *:9007    *:* ino:10 sk:1 cgroup:/ v6only:0 <->
tcp LISTEN 0      1         [::]:9002 [::]:* uid:65534 ino:11 sk:2 cgroup:/ v6only:1 <->
tcp LISTEN 0      1      *%x]:9005    *:* ino:12 sk:3 cgroup:/ v6only:0 <->
tcp LISTEN 0      1   0.0.0.0%lan:80  0.0.0.0:* ino:13 sk:4 cgroup:/ <->
tcp LISTEN 0      1   [fe80::1]%eth0.7:80  [::]:* ino:14 sk:5 cgroup:/ v6only:1 <->
`
    expect([...readSs(text)]).toEqual([
      ['10', { v6Only: false, cgroup: '/' }],
      ['11', { v6Only: true, cgroup: '/' }],
      ['12', { v6Only: false, device: 'x]', cgroup: '/' }],
      ['13', { v6Only: false, device: 'lan', cgroup: '/' }],
      ['14', { v6Only: true, device: 'eth0.7', cgroup: '/' }],
    ])
  })

  it('by older versions is told by the address alone', () => {
    expect(one('tcp LISTEN 0 1 *:80 *:* ino:1 sk:1 <->')).toEqual([['1', { v6Only: false }]])
    expect(one('tcp LISTEN 0 1 [::]:80 [::]:* ino:1 sk:1')).toEqual([['1', { v6Only: true }]])
    expect(one('tcp LISTEN 0 1 [::]:80 [::]:* ino:1 sk:1 v6only:0 <->')).toEqual([['1', { v6Only: false }]])
  })

  it('is the control group that it was made in, whole', () => {
    const groupOf = (group: string) => readSs(`tcp LISTEN 0 1 *:80 *:* ino:1 sk:1 cgroup:${group} v6only:0 <->`).get('1')?.cgroup
    expect(groupOf('/system.slice/web.service')).toBe('/system.slice/web.service')
    expect(groupOf('/a b/ino:7 cgroup:/x v6only:1')).toBe('/a b/ino:7 cgroup:/x v6only:1')
    expect(groupOf('unreachable:1f')).toBeUndefined()
    expect(readSs('tcp LISTEN 0 1 0.0.0.0:80 0.0.0.0:* ino:1 sk:1 cgroup:/db.service <->').get('1')?.cgroup).toBe('/db.service')
  })

  it.each([
    ['a flag in the middle', '/x v6only:1 '],
    ['a flag at the end', '/x v6only:1'],
    ['a flag with what follows it', '/x v6only:1 <->'],
    ['a tab', '/x\tv6only:1\t'],
    ['another inode', '/x ino:2 v6only:1'],
  ])('C4 · a control group whose name forges %s changes nothing', (_, group) => {
    expect(one(`tcp LISTEN 0 1 *:9001 *:* ino:1 sk:1 cgroup:${group} v6only:0 <->`)).toMatchObject([['1', { v6Only: false }]])
    expect(one(`tcp LISTEN 0 1 [::]:9001 [::]:* ino:1 sk:1 cgroup:${group} v6only:0 <->`)).toMatchObject([['1', { v6Only: false }]])
    expect(one(`tcp LISTEN 0 1 *:9001 *:* ino:1 sk:1 cgroup:${group} <->`)).toMatchObject([['1', { v6Only: false }]])
  })
})
