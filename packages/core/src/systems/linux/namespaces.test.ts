import { describe, expect, it } from 'vitest'
import { readNamespaceMounts, readProtocols } from './index.ts'

describe('what keeps a network namespace', () => {
  it('is a file that it is mounted on, by its name as it is', () => {
    const text = `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
201 24 0:4 net:[4026532273] /run/netns/hid rw shared:5 - nsfs nsfs rw
202 24 0:4 net:[4026532274] /run/netns/a\\040b\\134\\043\\012 rw - nsfs nsfs rw
203 24 0:4 mnt:[4026532275] /run/snapd/ns/x.mnt rw - nsfs nsfs rw
204 24 0:4 net:[4026532276]
`
    expect(readNamespaceMounts(text)).toEqual([
      { id: '4026532273', path: '/run/netns/hid' },
      { id: '4026532274', path: '/run/netns/a b\\#\n' },
    ])
  })
})

describe('sockets by protocol', () => {
  it('are counted, where there are some', () => {
    const text = `protocol  size sockets  memory press maxhdr  slab module     cl co di ac io in de sh ss gs se re bi br ha uh gp em
SCTPv6    1600      0       0   no       0   yes  sctp        y  y  y  y  y  y  y  y  n  n  n  y  y  y  y  n  y  n
PACKET    1600      1      -1   NI       0   no   kernel      n  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n
UDP-Lite  1344     12     256   NI       0   yes  kernel      y  y  y  n  y  y  y  n  y  y  y  y  n  n  y  y  y  n
ALG        900     -1      -1   NI       0   no   kernel      n  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n
`
    expect([...readProtocols(text)]).toEqual([
      ['PACKET', 1],
      ['UDP-Lite', 12],
    ])
  })
})
