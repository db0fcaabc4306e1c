import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { audit, type AuditReport, leftOut, seenServices } from '@sallyport/core/audit'
import { parsePolicy, writePolicy } from '@sallyport/core/policy'
import { afterEach, expect, it } from 'vitest'
import { collectFolder } from '../packages/cli/src/collect/folder/index.ts'

/** `sallyport init` on files alone: what it writes, and what `check` says with it. */

let folder: string | undefined
afterEach(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  folder = undefined
})

function make(): string {
  folder = mkdtempSync(join(tmpdir(), 'sp-init-'))
  return folder
}

async function look(path: string, text?: string): Promise<AuditReport> {
  const parsed = text === undefined ? undefined : parsePolicy({ files: new Map([['sallyport.yaml', text]]), entry: 'sallyport.yaml' })
  expect(parsed?.diagnostics ?? []).toEqual([])
  return audit({ evidence: await collectFolder(path, 0), policy: parsed?.policy, folder: path, now: 0, environment: undefined })
}

const write = (report: AuditReport): string =>
  writePolicy(
    'seen',
    seenServices(report).map(({ service }) => ({ ...service, notes: [] })),
  )

it('C1 · engines: the services, and the ways that nginx leads to them; check has nothing to add', async () => {
  const path = make()
  cpSync(fileURLToPath(new URL('../examples/engines/right', import.meta.url)), path, { recursive: true })
  rmSync(join(path, 'sallyport.yaml'))
  const text = write(await look(path))
  expect(text).toContain(
    '  https:\n    port: 443\n    from: internet\n    domain: engines.example.com\n    routes:\n      "/billing/": billing-engine\n',
  )
  const report = await look(path, text)
  expect(report.findings).toEqual([])
  expect(report.score.value).toBe(100)
})

it('M1 · compose: what is published is declared, what is not is not, and two of one port are told apart', async () => {
  const path = make()
  writeFileSync(
    join(path, 'compose.yaml'),
    `services:
  api: { image: example/api, ports: ["8100:80", "5060:5060/udp"] }
  web: { image: example/web, ports: ["127.0.0.1:3000:80"] }
  media: { image: example/media, ports: ["127.0.0.1:20000-20010:20000-20010/udp"] }
  store: { image: example/store, expose: ["6379"] }
`,
  )
  const text = write(await look(path))
  expect(text.slice(text.indexOf('services:'))).toBe(`services:
  api:
    port: 8100
    from: loopback
    run: { compose: api }
  api-udp:
    port: 5060
    protocol: udp
    from: loopback
    run: { compose: api }
  web:
    port: 3000
    from: loopback
    run: { compose: web }
  media:
    port: 20000-20010
    protocol: udp
    from: loopback
    run: { compose: media }
`)
  const { findings } = await look(path, text)
  expect(findings.map(({ rule, service }) => `${rule} ${service}`)).toEqual(['published-private api', 'published-private api-udp'])
})

it('C1 · that a proxy passes everybody on to a data store is not taken as meant; behind a password it may be', async () => {
  const path = make()
  mkdirSync(join(path, 'nginx'))
  const locations = `location /cache { proxy_pass http://127.0.0.1:6379; }
  location /search { auth_basic users; auth_basic_user_file users; proxy_pass http://127.0.0.1:9200; }`
  writeFileSync(join(path, 'nginx/site.conf'), `server {\n  listen 443 ssl;\n  server_name shop.example.com;\n  ${locations}\n}\n`)
  const stores = `services:
  cache: { image: redis:7, ports: ["127.0.0.1:6379:6379"] }
  search: { image: elasticsearch:8, ports: ["127.0.0.1:9200:9200"] }
`
  writeFileSync(join(path, 'compose.yaml'), stores)
  const before = await look(path)
  const high = before.findings.filter(({ severity }) => severity === 'high')
  expect(high.map(({ rule }) => rule)).toEqual(['datastore-reachable'])
  expect(high[0]?.fix).toContain('let nginx listen on 127.0.0.1')
  const text = write(before)
  expect(text).toContain('routes: { "/search": search }')
  const after = await look(path, text)
  expect(after.findings.map(({ rule, severity, service }) => `${severity} ${rule} ${service}`)).toEqual(['high proxied-undeclared cache'])
})

it('C1 E5 · a proxy of which only files tell: each of its ports, and that one of them only sends on', async () => {
  const path = make()
  writeFileSync(
    join(path, 'nginx.conf'),
    `events {}
http {
  server { listen 80; server_name example.com; return 301 https://$host$request_uri; }
  server { listen 443 ssl; server_name example.com; root /srv/page; }
  server { listen 127.0.0.1:8081; location / { stub_status; } }
}
`,
  )
  const report = await look(path)
  expect(seenServices(report).flatMap(({ meant }) => meant)).toEqual(['the web: it only sends on to another address', 'the web'])
  const text = write(report)
  expect(text.slice(text.indexOf('services:'))).toBe(`services:
  http:
    port: 80
    from: internet
    domain: example.com
  https:
    port: 443
    from: internet
    domain: example.com
  nginx-8081:
    port: 8081
    from: loopback
`)
  expect((await look(path, text)).findings).toEqual([])
})

it('P8 · a local-only HTTP service: what `http: {}` is for is told where it is left out, and check then looks for a guard', async () => {
  const path = make()
  writeFileSync(join(path, 'server.js'), "const express = require('express')\nexpress().listen(3000, '127.0.0.1')\n")
  const text = write(await look(path))
  expect(text).toMatch(/^# .* {2}http: \{\} {2}where one runs beside it, and check looks for a guard$/m)
  expect((await look(path, text)).findings).toEqual([])
  const named = await look(path, text.replace(/( {4})from: loopback\n/, '$&$1http: {}\n'))
  expect(named.findings.map(({ rule }) => rule)).toEqual(['guard-missing'])
})

/** What `init` writes of these files, and what `check` says with it. */
async function written(files: Readonly<Record<string, string>>): Promise<{ readonly services: string; readonly told: readonly string[] }> {
  const path = make()
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  const report = await look(path)
  const text = write(report)
  const { findings } = await look(path, text)
  const services = text.slice(text.indexOf('services:\n') + 'services:\n'.length)
  return { services, told: findings.map(({ severity, rule, service }) => `${severity} ${rule} ${service}`) }
}

it('E5 C1 · a port that a proxy forwards to is a service of its own, which a route can lead to', async () => {
  const gateway = `require('http').createServer(answer).listen(9850, '127.0.0.1')
require('net').createServer(take).listen(9851, '127.0.0.1')
require('http').createServer(answer).listen(9852, '127.0.0.1')
`
  const nginx = `server {
  listen 443 ssl;
  server_name voice.example.com;
  location /ws { proxy_pass http://127.0.0.1:9850; }
  location /files { proxy_pass http://127.0.0.1:9852; }
}
`
  expect(await written({ 'gateway.js': gateway, 'nginx.conf': nginx })).toEqual({
    services: `  https:
    port: 443
    from: internet
    domain: voice.example.com
    routes: { "/ws": gateway, "/files": gateway-9852 }
  gateway:
    port: 9850
    from: loopback
  gateway-9852:
    port: 9852
    from: loopback
  gateway-9851:
    port: 9851
    from: loopback
`,
    told: [],
  })
})

it('E5 M1 · so is the published port of a container that a proxy knows by its name', async () => {
  const compose = `services:
  proxy:
    image: nginx:1.27
    ports: ["443:443"]
    volumes: ["./nginx.conf:/etc/nginx/nginx.conf:ro"]
  api: { image: example/api, ports: ["127.0.0.1:8100:8000", "127.0.0.1:8101:8001"] }
`
  const nginx = `events {}
http {
  server {
    listen 443 ssl;
    server_name shop.example.com;
    location / { proxy_pass http://api:8000; }
  }
}
`
  expect(await written({ 'compose.yaml': compose, 'nginx.conf': nginx })).toEqual({
    services: `  proxy:
    port: 443
    from: internet
    domain: shop.example.com
    run: { compose: proxy }
    routes: { "/": api }
  api:
    port: 8100
    from: loopback
    run: { compose: api }
  api-8101:
    port: 8101
    from: loopback
    run: { compose: api }
`,
    told: [],
  })
})

it('M1 C1 · a web server that compose publishes on the ports of the web is the way in, and its other ports are not', async () => {
  const compose = `services:
  traefik: { image: "traefik:v3.1", ports: ["80:80", "443:443", "443:443/udp", "127.0.0.1:8080:8080"] }
  own: { image: "example/own", ports: ["127.0.0.1:81:80"] }
`
  expect(await written({ 'compose.yaml': compose })).toEqual({
    services: `  traefik:
    port: 80
    from: internet
    run: { compose: traefik }
  traefik-8080:
    port: 8080
    from: loopback
    run: { compose: traefik }
  traefik-tcp-udp:
    port: 443
    protocol: [tcp, udp]
    from: internet
    run: { compose: traefik }
  own:
    port: 81
    from: loopback
    run: { compose: own }
`,
    told: [],
  })
})

it('C1 · what is on the ports of the web and is no web server, or is not published to others, is not taken to be for everybody', async () => {
  const compose = `services:
  app: { image: example/app, ports: ["80:3000"] }
  caddy: { image: "caddy:2", ports: ["127.0.0.1:443:443"] }
`
  const { services, told } = await written({ 'compose.yaml': compose })
  expect(services).not.toContain('internet')
  expect(told).toEqual(['high published-private app', 'low common-port app'])
})

it('C2 · a debugger is no service: with the policy it is told as what it is', async () => {
  const ecosystem = `module.exports = { apps: [{ name: 'video', script: 'server.js', node_args: '--inspect=0.0.0.0:9229' }] }\n`
  const server = `require('http').createServer(answer).listen(3002, '127.0.0.1')\n`
  expect(await written({ 'ecosystem.config.js': ecosystem, 'server.js': server })).toEqual({
    services: `  video:\n    port: 3002\n    from: loopback\n`,
    told: ['high debugger-reachable video'],
  })
  if (folder !== undefined)
    expect(leftOut(await look(folder)).map(({ row, why, port }) => [row.name, why, port])).toEqual([['video', 'debugger', 9229]])
})

it('C1 · a published port is declared before an image of which nobody knows how it is run', async () => {
  const dockerfile = `FROM python:3.12-slim\nCOPY . .\nCMD ["sanic", "main:app", "--host=0.0.0.0", "--port=8082"]\n`
  const balancer = `apiVersion: v1
kind: Service
metadata: { name: inventory-lb }
spec:
  type: LoadBalancer
  selector: { app: inventory }
  ports: [{ port: 8082, targetPort: http }]
`
  const files = { Dockerfile: dockerfile, 'main.py': 'from sanic import Sanic\napp = Sanic("inventory")\n', 'balancer.yaml': balancer }
  expect(await written(files)).toEqual({
    services: `  inventory-lb:\n    port: 8082\n    from: loopback\n`,
    told: ['high published-private inventory-lb'],
  })
})
