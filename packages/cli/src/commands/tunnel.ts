import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { formatAddress } from '@sallyport/core/network'
import type { Policy, Service } from '@sallyport/core/policy'
import { Failure, mistakeText } from '../failure.ts'
import { loadPolicy, type PolicyOptions } from './policy.ts'

export interface TunnelOptions extends PolicyOptions {
  readonly open: boolean
  /** The port on this machine. Default: the service's own. */
  readonly localPort?: number
}

/** Ports of one service that are carried. */
const MOST_PORTS = 20

/**
 * A name that ssh(1) takes for nothing but a destination, and no shell for anything but a word. What begins with `-` would be an option of ssh
 * (`-oProxyCommand=…` runs a program; CVE-2017-1000117 and its like), also behind the `@`.
 */
const DESTINATION = /^(?:[A-Za-z0-9_][A-Za-z0-9._-]{0,63}@)?(?:[A-Za-z0-9_][A-Za-z0-9._-]{0,252}|[0-9A-Fa-f:]{2,45})$/

/** `sallyport tunnel SERVICE HOST` (P14): prints the command that reaches the service of another machine, or runs it. Nothing is opened there. */
export async function tunnel(name: string, host: string, options: TunnelOptions): Promise<number> {
  const policy = await loadPolicy(process.cwd(), options, (mistake) =>
    process.stderr.write(`${mistakeText(mistake, 'warning: ').join('\n')}\n`),
  )
  const found = policy === undefined ? withoutPolicy(name) : service(policy, name)
  const ports = portsOf(found)
  const destination = destinationOf(host, policy)
  if (policy !== undefined) refuseManaged(policy, found, host, ports)
  if (options.localPort !== undefined && ports.length > 1)
    throw new Failure(`${name} has ${ports.length} ports`, 'leave out --local-port: each is carried to its own number')
  const forwards = ports.flatMap((port) => ['-L', `${options.localPort ?? port}:localhost:${port}`])
  if (!options.open) {
    process.stdout.write(`ssh ${[...forwards, destination].join(' ')}\n`)
    return 0
  }
  // No shell there, an end where a port is in use here, and never a socket for neighbours, whatever ssh_config(5) says.
  const careful = ['-N', '-o', 'ExitOnForwardFailure=yes', '-o', 'GatewayPorts=no']
  return opened([...careful, ...forwards, '--', destination])
}

/** `undefined`: it is no number. */
function portOf(text: string): number | undefined {
  if (!/^[0-9]+$/.test(text)) return undefined
  const port = Number(text)
  if (port >= 1 && port <= 65535) return port
  throw new Failure(`${text} is no port`, 'name a service of the policy, or a port from 1 to 65535')
}

function withoutPolicy(name: string): number {
  const port = portOf(name)
  if (port !== undefined) return port
  throw new Failure(
    `there is no policy here that has a service ${name}`,
    'name a policy with --policy, or give the port in place of the service',
  )
}

function service(policy: Policy, name: string): Service | number {
  const found = policy.services.get(name)
  if (found !== undefined) return found
  const port = portOf(name)
  if (port !== undefined) return port
  throw new Failure(`the policy has no service ${name}`, `it has ${[...policy.services.keys()].join(', ')}; a port may be given as well`)
}

function portsOf(found: Service | number): readonly number[] {
  if (typeof found === 'number') return [found]
  if (!found.protocols.includes('tcp')) throw new Failure(`${found.name} speaks UDP, which ssh does not carry`, 'use a VPN for it')
  const ports = found.ports.flatMap(({ first, last }) =>
    Array.from({ length: Math.min(last - first + 1, MOST_PORTS + 1) }, (_, index) => first + index),
  )
  if (ports.length > MOST_PORTS) throw new Failure(`${found.name} has more than ${MOST_PORTS} ports`, 'give the one port that is meant')
  return ports
}

/** Throws `Failure` where the host, or every one that the service is on, is AWS's: nobody signs in there, and what listens there is at no other host's localhost. */
function refuseManaged(policy: Policy, found: Service | number, given: string, ports: readonly number[]): void {
  const host = given.slice(given.indexOf('@') + 1)
  const isManaged = (name: string): boolean => policy.hosts.get(name)?.managed !== undefined
  const own = typeof found === 'number' ? [] : found.hosts
  const managed = isManaged(host) ? host : own.length > 0 && own.every(isManaged) ? own[0] : undefined
  if (managed === undefined) return
  const address = policy.hosts.get(managed)?.addresses[0]?.value
  const there = address === undefined ? 'ADDRESS' : bracketed(formatAddress(address))
  const forwards = ports.map((port) => `-L ${port}:${there}:${port}`).join(' ')
  throw new Failure(
    `${managed} is managed by AWS (${policy.hosts.get(managed)?.managed}), and nobody signs in there`,
    `sign in where it may be reached from: ssh ${forwards} ${isManaged(host) ? 'USER@HOST' : given}${address === undefined ? `, with the address that AWS gives ${managed}` : ''}`,
  )
}

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address)

/** `user@name`; a host of the policy, by its first address. */
function destinationOf(given: string, policy: Policy | undefined): string {
  if (!DESTINATION.test(given))
    throw new Failure(
      `${given} is no host that ssh could be given`,
      'write a name or an address, with user@ before it where it is another user',
    )
  const at = given.indexOf('@')
  const address = policy?.hosts.get(given.slice(at + 1))?.addresses[0]?.value
  return address === undefined ? given : `${given.slice(0, at + 1)}${formatAddress(address)}`
}

function opened(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('ssh', args, { stdio: 'inherit' })
    // The terminal tells ssh itself; it ends, and we with it.
    const wait = (): void => {}
    process.on('SIGINT', wait)
    child.once('error', () => reject(new Failure('ssh cannot be started', 'install the OpenSSH client')))
    child.once('exit', (code, signal) => {
      process.off('SIGINT', wait)
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })
}
