import { BlockList, isIP } from 'node:net'

export const BLOCKED_HOSTS = ['0.0.0.0', 'localhost', '::', '[::]', 'metadata.internal']

const list = new BlockList()
list.addAddress('0.0.0.0')
list.addSubnet('127.0.0.0', 8)
list.addSubnet('10.0.0.0', 8)
list.addSubnet('192.168.0.0', 16)

export function isBlocked(host: string): boolean {
  if (BLOCKED_HOSTS.includes(host)) return true
  return isIP(host) === 4 && list.check(host)
}
