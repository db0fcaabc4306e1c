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
