export interface Service {
  readonly name: string
  readonly port: number
  readonly host?: string
}

export const services: readonly Service[] = [
  { name: 'embed', port: 7201 },
  { name: 'rank', port: 7202, host: '0.0.0.0' },
  { name: 'cache', port: 7203, host: 'localhost' },
]
