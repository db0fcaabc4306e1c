import http from 'node:http'
import type { AddressInfo } from 'node:net'

function waitForCode(): Promise<string> {
  return new Promise((resolve, reject) => {
    const server = http.createServer((req, res) => {
      const code = new URL(req.url ?? '/', 'http://localhost').searchParams.get('code')
      res.end('You can close this window.')
      if (code) {
        server.close()
        resolve(code)
      }
    })
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      console.log(`Open https://auth.example.com/login?redirect_uri=http://127.0.0.1:${port}/callback`)
    })
  })
}

const code = await waitForCode()
console.log('got a code of length', code.length)
