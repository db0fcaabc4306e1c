import * as fc from 'fast-check'

/** Policies of some hosts in AWS, some elsewhere, groups that are shared rightly and wrongly, and services for all kinds of sources. */
export const randomPolicies: fc.Arbitrary<string> = fc
  .record({
    hosts: fc.array(fc.constantFrom('own', 'shared', 'also', 'unnamed', 'rds', 'address', 'nowhere'), { minLength: 1, maxLength: 6 }),
    services: fc.array(
      fc.record({
        on: fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 3 }),
        from: fc.uniqueArray(
          fc.constantFrom(
            'internet',
            'private',
            'host',
            'admin',
            'office',
            '198.51.100.128/25',
            '2001:db8:9::/48',
            'h0',
            'h1',
            'h2',
            's0',
            's1',
          ),
          { minLength: 0, maxLength: 3 },
        ),
        ports: fc.constantFrom(1, 2, 40),
        protocols: fc.constantFrom('tcp', 'udp', '[tcp, udp]'),
      }),
      { minLength: 1, maxLength: 8 },
    ),
  })
  .map(({ hosts, services }) => {
    const name = (index: number): string => `h${index % hosts.length}`
    const known = new Set([...hosts.map((_, index) => `h${index}`), ...services.map((_, index) => `s${index}`)])
    const lines = services.map(({ on, from, ports, protocols }, index) => {
      // Ports of its own, so that no two services are in each other's way.
      const first = 1000 + index * 100
      const text = ports === 1 ? `${first}` : ports === 2 ? `[${first}, ${first + 50}]` : `${first}-${first + ports}`
      const sources = from.filter((source) => !/^[hs]\d$/.test(source) || known.has(source)).map((source) => JSON.stringify(source))
      const at = [...new Set(on.map(name))].join(', ')
      return `  s${index}: { host: [${at}], port: ${text}, protocol: ${protocols}${sources.length === 0 ? '' : `, from: [${sources.join(', ')}]`} }`
    })
    return [
      'version: 1',
      'name: random',
      'sources: { admin: 203.0.113.7, office: [198.51.100.0/24, "2001:db8:12::/48"] }',
      'hosts:',
      ...hosts.map((kind, index) => `  h${index}: { ${HOSTS[kind].replaceAll('#', String(index))} }`),
      'services:',
      ...lines,
      '',
    ].join('\n')
  })

const HOSTS = {
  own: 'aws: { securityGroup: group-# }',
  shared: 'aws: { securityGroup: shared }',
  also: 'aws: { securityGroup: [shared, group-#] }',
  unnamed: 'aws: { instance: i-0a1b2c3d4e5f6071# }',
  rds: 'managed: rds, aws: { securityGroup: shared }',
  address: 'address: [192.0.2.1#, "2001:db8::1#"]',
  nowhere: '',
} as const
