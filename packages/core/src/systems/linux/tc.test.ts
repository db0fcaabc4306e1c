import { describe, expect, it } from 'vitest'
import { parseJson } from '../json.ts'
import { countVirtualServices } from './ip-vs.ts'
import { filteredDevices, hasFilters } from './tc.ts'

describe('what decides before the packet filter', () => {
  it('C2 · devices whose filters are asked of what comes in', () => {
    const printed =
      '[{"kind":"noqueue","handle":"0:","dev":"lo","root":true,"options":{}},{"kind":"ingress","handle":"ffff:","dev":"vb","parent":"ffff:fff1","options":{}},' +
      '{"kind":"clsact","handle":"ffff:","dev":"va","parent":"ffff:fff1","options":{}},{"kind":"clsact","dev":7},null]'
    expect(filteredDevices(parseJson(printed))).toEqual(['vb', 'va'])
    expect(filteredDevices(undefined)).toEqual([])
  })

  it('C2 · filters, if there are any', () => {
    expect(hasFilters(parseJson('[]'))).toBe(false)
    const bpf =
      '[{"protocol":"all","pref":1,"kind":"bpf","chain":0},{"protocol":"all","pref":1,"kind":"bpf","chain":0,"options":{"handle":"0x1"}}]'
    expect(hasFilters(parseJson(bpf))).toBe(true)
  })

  it('C2 · virtual services of IPVS', () => {
    const head =
      'IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n'
    const services =
      'TCP  C0A80132:0050 wlc \n  -> C0A80133:0050      Masq    1      0          0         \nUDP  [2001:0db8::0001]:0035 rr \nFWM  00000001 rr \n'
    expect(countVirtualServices(head)).toBe(0)
    expect(countVirtualServices(head + services)).toBe(3)
  })
})
