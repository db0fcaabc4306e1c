// Runs inside a network namespace of its own: starts a real nginx for each case, sends the requests, says what came back.
// node runner.mjs JOB.json RESULT.json [nginx]
import { spawn } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'

const [job, result, nginx = '/usr/sbin/nginx'] = process.argv.slice(2)
const { cases, upstreamPorts } = JSON.parse(readFileSync(job, 'utf8'))

for (const port of upstreamPorts) {
  const server = createServer((request, response) => {
    request.resume()
    response.setHeader('X-Upstream', String(port))
    response.end(request.url)
  })
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
}

const results = []
for (const each of cases) results.push(await run(each))
writeFileSync(result, JSON.stringify(results))
process.exit(0)

async function run({ directory, probes }) {
  const test = await finished(['-t', '-q', '-p', directory, '-c', join(directory, 'nginx.conf')])
  if (test.code !== 0) return { accepted: false, message: test.stderr }
  if (probes.length === 0) return { accepted: true, answers: [] }
  const child = spawn(nginx, ['-p', directory, '-c', join(directory, 'nginx.conf')], { stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (chunk) => (stderr += chunk))
  const gone = new Promise((resolve) => child.once('exit', resolve))
  try {
    await ready(probes[0], child, () => stderr)
    const answers = []
    for (const probe of probes) answers.push(await send(probe))
    return { accepted: true, answers }
  } finally {
    child.kill('SIGKILL')
    await gone
    rmSync(join(directory, 'nginx.pid'), { force: true })
  }
}

function finished(args) {
  return new Promise((resolve) => {
    const child = spawn(nginx, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    let stderr = ''
    child.stderr.on('data', (chunk) => (stderr += chunk))
    child.once('exit', (code) => resolve({ code, stderr }))
  })
}

async function ready(probe, child, stderr) {
  for (let attempt = 0; attempt < 500; attempt++) {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${stderr()}`)
    const open = await new Promise((resolve) => {
      const socket = connect({ host: probe.address, port: probe.port })
      socket.once('connect', () => (socket.destroy(), resolve(true)))
      socket.once('error', () => resolve(false))
    })
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`nginx does not listen at ${probe.address}:${probe.port}: ${stderr()}`)
}

/** The raw answer as text (latin1); empty where the connection was closed without one. */
function send({ address, port, source, request }) {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, ...(source === undefined ? {} : { localAddress: source }) })
    const chunks = []
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.once('error', (error) => resolve(`error ${error.code}`))
    socket.once('close', () => resolve(Buffer.concat(chunks).toString('latin1')))
    socket.setTimeout(5000, () => (socket.destroy(), resolve('error timeout')))
    socket.write(request)
  })
}
