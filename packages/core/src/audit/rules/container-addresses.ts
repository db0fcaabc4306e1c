import { evidenceOf } from '../../evidence/index.ts'
import { formatAddress } from '../../network/index.ts'
import { staleAddresses } from '../../reach/index.ts'
import type { AuditContext } from '../audit.ts'
import type { Finding } from '../finding.ts'
import { finding } from './words.ts'

/** `firewall-container-address`: rules that name an address of a container network which no container has. */
export function checkContainerAddresses({ host, evidence }: AuditContext): readonly Finding[] {
  if (host === undefined || evidenceOf(evidence, 'gap').some(({ claim }) => claim.affects.kind === 'containers')) return []
  return staleAddresses(host).map(({ address, network, rules }) => {
    const translates = rules.some((rule) => rule.translates)
    const many = rules.length === 1 ? 'A rule' : `${rules.length} rules`
    return finding({
      rule: 'firewall-container-address',
      severity: 'low',
      message: `${many} of the packet filter ${rules.length === 1 ? 'names' : 'name'} ${formatAddress(address)} of the container network ${network.name}, which no container has: ${translates ? 'whoever gets it next gets the packets' : 'whoever gets it next gets what the rule says'}`,
      places: rules.map((item) => ({ role: item.translates ? 'sends packets to it' : 'names it', origin: item.rule })),
      fix: 'name the network or the published port, or give the container a fixed address (ipv4_address): the engine hands addresses out anew at each start',
      key: formatAddress(address),
    })
  })
}
