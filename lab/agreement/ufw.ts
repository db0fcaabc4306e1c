import type { Random } from './random.ts'
import { INNER, PORTS, SENDERS, SERVER } from './network.ts'
import { FAMILIES } from '@sallyport/core/network'

/** Commands as people give them to ufw, ending with `enable`. */
export function ufwCommands(random: Random): readonly string[] {
  const incoming = random.pick(['deny', 'deny', 'reject', 'allow'])
  const routed = random.pick(['deny', 'allow'])
  const rules = random.many(2, 8, () => rule(random))
  return [`default ${incoming} incoming`, `default ${routed} routed`, `logging ${random.pick(['off', 'low', 'full'])}`, ...rules, 'enable']
}

function rule(random: Random): string {
  const family = random.pick(FAMILIES)
  const action = random.pick(['allow', 'allow', 'deny', 'reject', 'limit'])
  const port = random.pick([...PORTS, ...PORTS, '1000:3000', '22,80,443', '8000:9000'])
  const several = typeof port === 'string'
  const protocol = several ? random.pick(['tcp', 'udp']) : random.pick(['tcp', 'udp', ''])
  const sender = random.pick([
    ...SENDERS.internet[family],
    ...SENDERS.lan[family],
    ...(family === 4 ? ['203.0.113.0/24', '192.168.1.64/26', '192.0.2.0/24'] : ['2001:db8:77::/48', '2001:db8:1::/64']),
  ])
  const proto = protocol === '' ? '' : ` proto ${protocol}`
  return random.pick([
    () => `${action} ${port}${protocol === '' ? '' : `/${protocol}`}`,
    () => `${action} ${port}${protocol === '' ? '' : `/${protocol}`}`,
    () => `${action} from ${sender}`,
    () => `${action} from ${sender} to any port ${port}${proto}`,
    () => `${action} in on ${random.pick(['lan', 'internet'])} to any port ${port}${proto}`,
    () => `${action} in on ${random.pick(['lan', 'internet'])} from ${sender}`,
    () => `${action} to ${SERVER.lan[family]} port ${port}${proto}`,
    () => `${action} from ${sender} to ${SERVER.internet[family]} port ${port}${proto}`,
    () =>
      `route ${random.pick(['allow', 'deny', 'reject'])} in on ${random.pick(['lan', 'internet'])} out on back to ${INNER[family]} port ${port}${proto}`,
    () => `route ${random.pick(['allow', 'deny'])} from ${sender} to ${INNER[family]}`,
  ])()
}
