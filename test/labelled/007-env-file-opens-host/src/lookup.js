const table = new Map([
  ['192.0.2.1', { country: 'ZZ' }],
  ['198.51.100.7', { country: 'ZZ' }],
])

export function lookup(ip) {
  return table.get(ip)
}
