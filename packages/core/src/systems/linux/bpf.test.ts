import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readBpfCgroups, readBpfDevices, readBpfLink } from './bpf.ts'

/** As Linux 6.18 writes it. */
const link = (...lines: readonly string[]) =>
  [
    'pos:\t0',
    'flags:\t02000000',
    'mnt_id:\t17',
    'ino:\t1038',
    ...lines.slice(0, 1),
    'link_id:\t89',
    'prog_tag:\t614b',
    'prog_id:\t97',
    ...lines.slice(1),
    '',
  ].join('\n')

describe('BPF links', () => {
  it.each([
    ['tcx', link('link_type:\ttcx', 'ifindex:\t7', 'attach_type:\t46 (ingress)'), { to: 'device', index: 7, program: 'tcx' }],
    ['netkit', link('link_type:\tnetkit', 'ifindex:\t7', 'attach_type:\t55'), { to: 'device', index: 7, program: 'netkit' }],
    ['cgroup', link('link_type:\tcgroup', 'cgroup_id:\t60844', 'attach_type:\t0'), { to: 'control-group', id: '60844' }],
    ['sk_lookup', link('link_type:\tnetns', 'netns_ino:\t4026532177', 'attach_type:\t36'), { to: 'namespace', id: '4026532177' }],
    ['netfilter', link('link_type:\tnetfilter', 'pf:\t2', 'hooknum:\t1'), { to: 'netfilter' }],
  ])('%s', (_, text, expected) => {
    expect(readBpfLink(text)).toEqual(expected)
  })

  it.each([
    ['of what goes out', link('link_type:\ttcx', 'ifindex:\t7', 'attach_type:\t47 (egress)')],
    ['of a device that has gone', link('link_type:\ttcx', 'ifindex:\t0', 'attach_type:\t46 (ingress)')],
    ['of devices of a control group', link('link_type:\tcgroup', 'cgroup_id:\t60844', 'attach_type:\t6')],
    ['of the kernel’s own functions', link('link_type:\ttracing', 'attach_type:\t24')],
    ['no link', 'pos:\t0\nprog_type:\t3\n'],
  ])('%s has no say', (_, text) => {
    expect(readBpfLink(text)).toBeUndefined()
  })
})

describe('bpftool', () => {
  it('names devices past tc', () => {
    const shown = [
      {
        xdp: [],
        tc: [
          { devname: 'eth0', ifindex: 2, kind: 'tcx/ingress', name: 'shut', prog_id: 97 },
          { devname: 'eth0', ifindex: 2, kind: 'tcx/egress', name: 'count', prog_id: 98 },
          { devname: 'lxc1', ifindex: 9, kind: 'netkit/peer', name: 'cil_from', prog_id: 99 },
          { devname: 'eth1', ifindex: 3, kind: 'clsact/ingress', name: 'known', id: 9 },
        ],
        flow_dissector: [],
      },
    ]
    expect(readBpfDevices(shown)).toEqual([
      { name: 'eth0', program: 'tcx' },
      { name: 'lxc1', program: 'netkit' },
    ])
  })

  it('names control groups; those programs of systemd that ask no packet have no say', () => {
    const group = (cgroup: string, ...types: readonly string[]) => ({
      cgroup,
      programs: types.map((attach_type, id) => ({ id, attach_type })),
    })
    const shown = [
      group('/sys/fs/cgroup/system.slice/ssh.service', 'cgroup_device'),
      group('/sys/fs/cgroup/system.slice/db.service', 'cgroup_device', 'cgroup_inet_ingress', 'cgroup_inet_egress'),
      group('/sys/fs/cgroup/old', 'ingress'),
    ]
    expect(readBpfCgroups(shown)).toEqual(['/sys/fs/cgroup/system.slice/db.service', '/sys/fs/cgroup/old'])
  })

  it('says nothing by whatever else it prints', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => readBpfDevices(value).length + readBpfCgroups(value).length === 0))
  })
})
