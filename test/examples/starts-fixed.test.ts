import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CLI, describeExample, PM2, ROOT } from './support/requirements.ts'
import { Server } from './support/server.ts'

/** A way to start a server that opens it, as files; after `fix` the same command starts it closed. */
interface Start {
  readonly title: string
  readonly files: Readonly<Record<string, string>>
  readonly command: readonly string[]
  /** What ends it; absent: that what listens is ended. */
  readonly end?: readonly string[]
  readonly port: number
}

const API = 'from fastapi import FastAPI\napp = FastAPI()\n\n@app.get("/health")\ndef health():\n    return {}\n'
const SITE = `server {
  listen 443 ssl;
  server_name voice.example.com;
  ssl_certificate /etc/letsencrypt/live/voice.example.com/fullchain.pem;
  ssl_certificate_key /etc/letsencrypt/live/voice.example.com/privkey.pem;
  location / { proxy_pass http://127.0.0.1:9847; }
}
`
const POLICY = (port: number): string => `version: 1\nname: one\nservices:\n  one: { port: ${port} }\n`

const STARTS: readonly Start[] = [
  {
    title: 'V9 P8 · an argument of a shell script',
    files: {
      'src/main.py': API,
      'scripts/start.sh':
        '#!/bin/sh\nset -eu\ncd "$(dirname "$0")/.."\nexec /usr/bin/python3 -m uvicorn src.main:app --host 0.0.0.0 --port "${PORT:-9847}"\n',
      'nginx/voice.conf': SITE,
    },
    command: ['sh', 'scripts/start.sh'],
    port: 9847,
  },
  {
    title: 'P8 · a script of package.json',
    files: {
      'package.json': '{\n  "scripts": {\n    "start": "HOST=0.0.0.0 node server.js"\n  }\n}\n',
      'server.js': "require('node:http').createServer().listen(9202, process.env.HOST || '127.0.0.1')\n",
      'sallyport.yaml': POLICY(9202),
    },
    command: ['npm', 'run', '--silent', 'start'],
    port: 9202,
  },
  {
    title: 'E8 · a variable of a .env file, between others',
    files: {
      '.env': '# the service\nNAME=one\nHOST="0.0.0.0"\nPORT=9203\n',
      'server.js': "require('node:http').createServer().listen(process.env.PORT || 9203, process.env.HOST || '127.0.0.1')\n",
      'package.json': '{ "scripts": { "start": "node --env-file=.env server.js" } }\n',
    },
    command: ['npm', 'run', '--silent', 'start'],
    port: 9203,
  },
  {
    title: 'E3 E8 · PM2, in JSON: HOST is set and read',
    files: {
      'ecosystem.json':
        '{\n  "apps": [\n    {\n      "name": "one",\n      "script": "server.js",\n      "env": {\n        "PORT": "9204"\n      }\n    }\n  ]\n}\n',
      'server.js': "require('node:http').createServer().listen(process.env.PORT)\n",
      'sallyport.yaml': POLICY(9204),
    },
    command: [process.execPath, PM2, 'start', 'ecosystem.json'],
    end: [process.execPath, PM2, 'delete', 'all'],
    port: 9204,
  },
]

/** Of npm the script is a process of its own. */
const END = 'ss -Htlnp "sport = :$1" | grep -o "pid=[0-9]*" | cut -d= -f2 | xargs -r kill'

await describeExample('starts that fix has put right', () => {
  const place = mkdtempSync(join(tmpdir(), 'sp-starts-'))
  let server: Server
  beforeAll(async () => {
    symlinkSync(join(ROOT, 'node_modules'), join(place, 'node_modules'))
    server = await Server.start(place)
  })
  afterAll(async () => {
    await server?.close()
    rmSync(place, { recursive: true, force: true })
  })

  /** What others get at the port by each door, while the command runs. */
  async function reached({ command, end, port }: Start, folder: string): Promise<readonly string[]> {
    const running = await server.spawn(command, folder)
    try {
      await server.untilListening(port)
      return [...new Set((await server.doors([port])).values())]
    } finally {
      if (end !== undefined) await server.run(end, folder)
      else await server.run(['sh', '-c', END, 'sh', String(port)], folder)
      await running.stop()
      await server.untilClosed(port)
    }
  }

  it.each(STARTS.map((start) => [start.title, start] as const))('%s', async (title, start) => {
    const folder = join(place, String(STARTS.indexOf(start)))
    for (const [path, text] of Object.entries(start.files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const before = await reached(start, folder)
    expect(before, title).toContain('delivered')
    const { code, stderr } = await server.run([process.execPath, CLI, 'fix', '--yes'], folder, 'any')
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('cured') })
    expect(await reached(start, folder)).toEqual(['refused'])
    expect((await server.run([process.execPath, CLI, 'undo', '--yes'], folder, 'any')).code).toBe(0)
  })
})
