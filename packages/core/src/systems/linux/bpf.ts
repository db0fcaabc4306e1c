import { type Json, items, textField, field } from '../json.ts'

/** What a BPF program is attached to, where it decides about packets that come in. */
export type Attachment =
  /** `index`: of the device, in the namespace of whoever attached it. */
  | { readonly to: 'device'; readonly index: number; readonly program: 'tcx' | 'netkit' }
  /** `id`: the inode of the control group's directory. */
  | { readonly to: 'control-group'; readonly id: string }
  /** Chooses which socket gets a packet (BPF_PROG_TYPE_SK_LOOKUP). */
  | { readonly to: 'namespace'; readonly id: string }
  /** Among the hooks of the packet filter, in the namespace of whoever attached it. */
  | { readonly to: 'netfilter' }

/** `enum bpf_attach_type` of include/uapi/linux/bpf.h. */
const CGROUP_INET_INGRESS = 0
const SK_LOOKUP = 36
const TCX_INGRESS = 46

/**
 * Reads /proc/PID/fdinfo/N of a BPF link (bpf_link_show_fdinfo in kernel/bpf/syscall.c, and the show_fdinfo of each type). `undefined`: no
 * link, or one that has no say in what comes in.
 */
export function readBpfLink(text: string): Attachment | undefined {
  const value = (name: string): string | undefined => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(text)?.[1]
  const at = Number(value('attach_type') ?? Number.NaN)
  const index = Number(value('ifindex') ?? 0)
  switch (value('link_type')) {
    case 'tcx':
      return at === TCX_INGRESS && index > 0 ? { to: 'device', index, program: 'tcx' } : undefined
    case 'netkit':
      return index > 0 ? { to: 'device', index, program: 'netkit' } : undefined
    case 'cgroup':
      return at === CGROUP_INET_INGRESS ? { to: 'control-group', id: value('cgroup_id') ?? '' } : undefined
    case 'netns':
      return at === SK_LOOKUP ? { to: 'namespace', id: value('netns_ino') ?? '' } : undefined
    case 'netfilter':
      return { to: 'netfilter' }
    default:
      return undefined
  }
}

/** The devices that `bpftool -j net show` names programs of, past those that `ip` and `tc` know (bpftool-net(8)). */
export function readBpfDevices(shown: Json | undefined): readonly { readonly name: string; readonly program: 'tcx' | 'netkit' }[] {
  return items(shown)
    .flatMap((all) => items(field(all, 'tc')))
    .flatMap((item) => {
      const name = textField(item, 'devname')
      const kind = textField(item, 'kind') ?? ''
      const program = kind === 'tcx/ingress' ? 'tcx' : kind.startsWith('netkit/') ? 'netkit' : undefined
      return name === undefined || program === undefined ? [] : [{ name, program }]
    })
}

/** The directories of the control groups where `bpftool -j cgroup tree` shows a program that is asked of what comes in (bpftool-cgroup(8)). */
export function readBpfCgroups(shown: Json | undefined): readonly string[] {
  return items(shown).flatMap((group) => {
    const path = textField(group, 'cgroup')
    const asks = items(field(group, 'programs')).some((program) => INGRESS.has(textField(program, 'attach_type') ?? ''))
    return path !== undefined && asks ? [path] : []
  })
}

/** As newer and older versions name it. */
const INGRESS: ReadonlySet<string> = new Set(['cgroup_inet_ingress', 'ingress'])
