const { createSocket } = require('node:dgram')

const options = {
  // agents run on this machine; 0.0.0.0 would accept the whole LAN's counters
  address: '127.0.0.1',
  port: Number(process.env.STATSD_PORT ?? 8125),
}

const counters = new Map()
const server = createSocket('udp4', (msg) => {
  const [name, rest = '1|c'] = msg.toString().split(':')
  counters.set(name, (counters.get(name) ?? 0) + Number.parseFloat(rest))
})

server.bind(options, () => console.log('statsd', server.address()))
