import type { HostName, Policy, Service } from '../../../policy/index.ts'
import { listenAddress } from '../../admitted.ts'
import { listenVariables } from '../../managed.ts'
import type { ManagedApp } from '../../write.ts'

/** What PM2 is told of a service, as an ecosystem file names it. */
export function managedApp(service: Service, policy: Policy, host: HostName): ManagedApp {
  const { run, ports, protocols } = service
  const [port] = ports
  const address = listenAddress(service, host, policy)
  return {
    name: run.by === 'command' ? service.name : run.name,
    isNamed: run.by === 'pm2',
    start: startOf(service),
    isGuessed: run.by !== 'command',
    environment: new Map([...listenVariables(service, address), ['NODE_ENV', nodeEnvironment(policy)] as const]),
    listens: port === undefined ? [] : protocols.map((protocol) => ({ protocol, address, port: port.first })),
  }
}

/** Express and its like tell strangers more where it is not `production`. */
function nodeEnvironment({ environment }: Policy): string {
  return environment === 'development' || environment === 'test' ? environment : 'production'
}

/** A plain command is started as it is, any other by the shell for which it was written. */
function startOf({ run }: Service): ManagedApp['start'] {
  if (run.by !== 'command') return { cwd: `./${run.name}`, script: 'npm', args: ['start'] }
  const words = /^[A-Za-z0-9_./:=@%+, -]+$/.test(run.name) ? run.name.trim().split(/ +/) : ['/bin/sh', '-c', run.name]
  const [program = '', ...rest] = words
  const isNode = program === 'node' && rest[0] !== undefined && !rest[0].startsWith('-')
  const [script = '', ...args] = isNode ? rest : words
  return { script, args, ...(isNode ? {} : { interpreter: 'none' }) }
}
