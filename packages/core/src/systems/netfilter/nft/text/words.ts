/** Keywords of nft(8) and what they stand for, as tables. */

/** PAYLOAD EXPRESSIONS: the fields of each header. */
export const HEADERS: Readonly<Record<string, readonly string[]>> = {
  ether: ['saddr', 'daddr', 'type'],
  vlan: ['id', 'dei', 'cfi', 'pcp', 'type'],
  arp: ['saddr', 'daddr', 'htype', 'ptype', 'hlen', 'plen', 'operation'],
  ip: 'version hdrlength dscp ecn length id frag-off ttl protocol checksum saddr daddr'.split(' '),
  icmp: ['type', 'code', 'checksum', 'id', 'sequence', 'gateway', 'mtu'],
  igmp: ['type', 'mrt', 'checksum', 'group'],
  ip6: ['version', 'dscp', 'ecn', 'flowlabel', 'length', 'nexthdr', 'hoplimit', 'saddr', 'daddr'],
  icmpv6: 'type code checksum parameter-problem packet-too-big id sequence max-delay taddr daddr'.split(' '),
  tcp: 'sport dport sequence ackseq doff reserved flags window checksum urgptr'.split(' '),
  udp: ['sport', 'dport', 'length', 'checksum'],
  udplite: ['sport', 'dport', 'checksum'],
  sctp: ['sport', 'dport', 'vtag', 'checksum'],
  dccp: ['sport', 'dport', 'type'],
  ah: ['nexthdr', 'hdrlength', 'reserved', 'spi', 'sequence'],
  esp: ['spi', 'sequence'],
  comp: ['nexthdr', 'flags', 'cpi'],
  th: ['sport', 'dport'],
  gre: ['hdrversion', 'flags', 'version', 'protocol'],
}

/** EXTENSION HEADER EXPRESSIONS. */
export const EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
  hbh: ['nexthdr', 'hdrlength'],
  rt: ['nexthdr', 'hdrlength', 'type', 'seg-left'],
  rt2: ['addr'],
  srh: ['flags', 'tag'],
  frag: ['nexthdr', 'frag-off', 'more-fragments', 'id', 'reserved', 'reserved2'],
  dst: ['nexthdr', 'hdrlength'],
  mh: ['nexthdr', 'hdrlength', 'type', 'checksum'],
}

/** Fields of options of TCP and of IPv4; without one of them a rule asks whether the option is there. */
export const OPTION_FIELDS: ReadonlySet<string> = new Set('kind length size count left right tsval tsecr type ptr value addr'.split(' '))

/** META EXPRESSIONS that need no `meta` before them. */
export const BARE_META: ReadonlySet<string> = new Set(
  'mark iif iifname iiftype iifgroup oif oifname oiftype oifgroup skuid skgid nftrace rtclassid ibrname obrname pkttype cpu cgroup'.split(
    ' ',
  ),
)

export const META: ReadonlySet<string> = new Set([
  ...BARE_META,
  ...'length protocol priority random secmark nfproto l4proto iifkind oifkind time day hour ipsec'.split(' '),
  ...'ibrpvid ibrvproto ibriport obriport sdif sdifname'.split(' '),
])

/** CONNTRACK EXPRESSIONS; those of one direction may have the family before them (`ct original ip daddr`). */
export const CT: ReadonlySet<string> = new Set([
  ...'state direction status mark expiration helper label l3proto protocol bytes packets avgpkt zone id secmark event'.split(' '),
  ...'saddr daddr proto-src proto-dst'.split(' '),
])

/** Fields whose values are bits: `ct state new,established` asks for one of them. */
export const BITMASKS: ReadonlySet<string> = new Set(['ct state', 'ct status', 'ct label', 'ct event', 'tcp flags'])

export const TRANSPORTS: ReadonlySet<string> = new Set(['th', 'tcp', 'udp', 'udplite', 'sctp', 'dccp'])

/** Operators by each of their names (parser_bison.y: `eq`, `ne` …). */
export const RELATIONS: Readonly<Record<string, string>> = {
  '==': '==',
  eq: '==',
  '!=': '!=',
  ne: '!=',
  '<': '<',
  lt: '<',
  '>': '>',
  gt: '>',
  '<=': '<=',
  le: '<=',
  '>=': '>=',
  ge: '>=',
  '!': '!',
}

/** Of operations on bits, which bind the tighter the later they stand. */
export const OPERATIONS: readonly Readonly<Record<string, string>>[] = [
  { '|': '|', or: '|' },
  { '^': '^', xor: '^' },
  { '&': '&', and: '&' },
  { '<<': '<<', lshift: '<<', '>>': '>>', rshift: '>>' },
]

/** CHAINS, standard priority names. */
export const PRIORITIES: Readonly<Record<string, number>> = { raw: -300, mangle: -150, dstnat: -100, filter: 0, security: 50, srcnat: 100 }
export const BRIDGE_PRIORITIES: Readonly<Record<string, number>> = { dstnat: -300, filter: -200, out: 100, srcnat: 300 }

export const FAMILIES: ReadonlySet<string> = new Set(['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'])

/**
 * Ports that are commonly written by name (/etc/services of Debian's netbase). What is not here may be another port elsewhere, and stays
 * undecided.
 */
export const SERVICES: Readonly<Record<string, number>> = {
  echo: 7,
  discard: 9,
  daytime: 13,
  'ftp-data': 20,
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  time: 37,
  whois: 43,
  tacacs: 49,
  domain: 53,
  bootps: 67,
  bootpc: 68,
  tftp: 69,
  gopher: 70,
  finger: 79,
  http: 80,
  kerberos: 88,
  pop3: 110,
  sunrpc: 111,
  auth: 113,
  nntp: 119,
  ntp: 123,
  epmap: 135,
  'netbios-ns': 137,
  'netbios-dgm': 138,
  'netbios-ssn': 139,
  imap2: 143,
  snmp: 161,
  'snmp-trap': 162,
  bgp: 179,
  ldap: 389,
  svrloc: 427,
  https: 443,
  'microsoft-ds': 445,
  kpasswd: 464,
  submissions: 465,
  isakmp: 500,
  exec: 512,
  login: 513,
  shell: 514,
  syslog: 514,
  printer: 515,
  uucp: 540,
  'dhcpv6-client': 546,
  'dhcpv6-server': 547,
  rtsp: 554,
  nntps: 563,
  submission: 587,
  ipp: 631,
  ldaps: 636,
  'domain-s': 853,
  rsync: 873,
  ftps: 990,
  imaps: 993,
  pop3s: 995,
  socks: 1080,
  openvpn: 1194,
  'ms-sql-s': 1433,
  'ms-sql-m': 1434,
  l2f: 1701,
  radius: 1812,
  'radius-acct': 1813,
  nfs: 2049,
  'mysql-proxy': 6446,
  mysql: 3306,
  'ms-wbt-server': 3389,
  'ipsec-nat-t': 4500,
  sip: 5060,
  'sip-tls': 5061,
  'xmpp-client': 5222,
  'xmpp-server': 5269,
  mdns: 5353,
  postgresql: 5432,
  amqp: 5672,
  amqps: 5671,
  x11: 6000,
  redis: 6379,
  'ircs-u': 6697,
  'http-alt': 8080,
}
