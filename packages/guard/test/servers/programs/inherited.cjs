// As systemd's socket activation: the socket is bound by another program, and is descriptor 3 when this one starts.
const { createServer } = require('node:http')
const { spawn } = require('node:child_process')

const [address, options] = process.argv.slice(2)
if (address === undefined) {
  const server = createServer().listen({ fd: 3 }, () => {
    console.log(`listens on ${server.address().address}`)
    process.exit()
  })
} else {
  const held = createServer().listen(3000, address, () => {
    const env = { ...process.env, NODE_OPTIONS: options }
    const child = spawn(process.execPath, [__filename], { stdio: ['ignore', 'inherit', 'inherit', held._handle.fd], env })
    child.on('exit', (code) => process.exit(code))
  })
}
