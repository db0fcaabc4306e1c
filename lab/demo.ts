import { fileURLToPath } from 'node:url'
import type { Host } from './host.ts'
import { Lab } from './lab.ts'

/** The drawing `npm run lab -- shell` opens: a server between the internet and a lan, and a neighbour on the lan. */
export const demo = () =>
  Lab.create({
    zones: {
      internet: ['198.51.100.0/24', '2001:db8:51::/64'],
      lan: ['192.168.1.0/24', '2001:db8:1::/64'],
    },
    hosts: {
      server: {
        on: { internet: ['198.51.100.10', '2001:db8:51::10'], lan: ['192.168.1.10', '2001:db8:1::10'] },
        defaultRoute: 'internet',
        forwarding: true,
      },
      neighbour: { on: { lan: ['192.168.1.20', '2001:db8:1::20'] }, defaultRoute: 'server' },
    },
  })

const CLI = fileURLToPath(new URL('../packages/cli/dist/main.js', import.meta.url))

/** What its shell is opened with: what is there, and commands to begin with. */
export function introduction({ name, plan }: Host): string {
  const addresses = plan.addresses.map(({ zone, address }) => `${address} (${zone})`).join(', ')
  return `This is ${name}, ${addresses}, with processes, firewall, /etc, /var and /run of its own.
Nothing listens here yet, ufw is off, and no Docker runs; exit takes it all away. To begin with:
${TO_TRY.map((line) => `  ${line}\n`).join('')}`
}

/** Lines for a shell. */
export const TO_TRY: readonly string[] = [
  `alias sallyport="node '${CLI}'"`,
  `node -e 'require("http").createServer((_, answer) => answer.end("hello\\n")).listen(8080)' &`,
  'sallyport check --scope host',
  'ufw --force enable; sallyport explain 8080 --from internet --scope host',
]
