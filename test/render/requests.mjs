// JSON on stdin, a list of { address, port, name, text, then, source }: `text` is sent as it is, with TLS for `name` where that is given, and `then`
// once something came back. JSON on stdout: all that came back, or `error: CODE`.
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'

const chunks = []
for await (const chunk of process.stdin) chunks.push(chunk)
const asked = JSON.parse(Buffer.concat(chunks).toString())
// In order, a few at a time.
const answers = Array.from({ length: asked.length })
let next = 0
await Promise.all(
  Array.from({ length: 8 }, async () => {
    while (next < asked.length) {
      const index = next++
      answers[index] = await ask(asked[index])
    }
  }),
)
process.stdout.write(JSON.stringify(answers))

function ask({ address, port, name, text, then, source }) {
  return new Promise((resolve) => {
    let answer = ''
    const to = { host: address, port, ...(source === undefined ? {} : { localAddress: source }) }
    const socket =
      name === undefined
        ? connect(to)
        : connectTls({ ...to, servername: name || undefined, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
    const end = () => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(5000, () => {
      answer ||= 'error: TIMEOUT'
      end()
    })
    socket.once(name === undefined ? 'connect' : 'secureConnect', () => socket.write(Buffer.from(text, 'latin1')))
    socket.on('data', (data) => {
      answer += data.toString('latin1')
      if (then !== undefined && !answer.includes(then)) socket.write(then)
      else if (then !== undefined) end()
    })
    socket.on('error', (error) => {
      answer ||= `error: ${error.code}`
      end()
    })
    socket.on('close', end)
  })
}
