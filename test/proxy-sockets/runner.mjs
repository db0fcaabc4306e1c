// Runs in a network namespace of its own: starts a proxy on each configuration, one after another, and writes down what it listens on.
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

const [, , jobFile = '', resultFile = ''] = process.argv
const { cases, ready } = JSON.parse(readFileSync(jobFile, 'utf8'))

function sockets() {
  const run = spawnSync('ss', ['-Hltun'], { encoding: 'utf8' })
  if (run.status !== 0) throw new Error(`ss: ${run.stderr}`)
  return [
    ...new Set(
      run.stdout.split('\n').flatMap((line) => {
        const [protocol, , , , local] = line.trim().split(/\s+/)
        return local === undefined ? [] : [`${protocol} ${local}`]
      }),
    ),
  ].toSorted((a, b) => (a < b ? -1 : 1))
}

/** The status of the answer; 444 where the connection is closed without one. */
function statusOf(path, host) {
  return new Promise((resolve) => {
    request({ host: '127.0.0.1', port: 8080, path, headers: { host }, agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
      .on('error', () => resolve(444))
      .end()
  })
}

async function tried({ directory, check, command, requests }) {
  const [checker, ...words] = check
  const checked = spawnSync(checker, words, { cwd: directory, encoding: 'utf8', timeout: 20_000 })
  if (checked.status !== 0) return { accepted: false, message: `${checked.stdout}${checked.stderr}`.slice(-600) }
  if (checked.stdout.startsWith('{')) writeFileSync(`${directory}/adapted.json`, untrusting(checked.stdout))
  const [program, ...given] = command
  const child = spawn(program, given, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, HOME: directory } })
  let said = ''
  const hear = (chunk) => {
    said = (said + chunk).slice(-20_000)
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const ended = new Promise((resolve) => child.once('exit', resolve))
  let isOver = false
  void ended.then(() => {
    isOver = true
  })
  try {
    let last = ''
    for (let round = 0; round < 200 && !isOver; round++) {
      await sleep(50)
      const found = sockets()
      const same = JSON.stringify(found) === last
      last = JSON.stringify(found)
      if (same && (ready === '' ? found.length > 0 || round > 20 : said.includes(ready))) {
        const statuses = []
        for (const { path, host } of requests) statuses.push(await statusOf(path, host))
        return { accepted: true, sockets: found, statuses }
      }
    }
    return { accepted: false, message: said.slice(-600) }
  } finally {
    child.kill('SIGKILL')
    await ended
  }
}

/** Nothing of the machine is to trust the certificates of a test. */
function untrusting(text) {
  const config = JSON.parse(text)
  config.apps ??= {}
  config.apps.pki = { certificate_authorities: { local: { install_trust: false } } }
  return JSON.stringify(config)
}

const results = []
for (const each of cases) results.push(await tried(each))
writeFileSync(resultFile, JSON.stringify(results))
