import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { audit } from '@sallyport/core/audit'
import { describe, expect, it } from 'vitest'
import { collectFolder } from '../packages/cli/src/collect/folder/index.ts'

/** What is said of a folder's files: the messages of findings that are of more than their place and severity. */
async function messagesOf(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sp-words-'))
  try {
    for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text)
    const evidence = await collectFolder(folder, 0)
    const { findings } = audit({ evidence, policy: undefined, folder, now: 0, environment: undefined })
    return findings.filter(({ rule }) => rule !== 'no-policy').map(({ message }) => message)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('what is said of a line that binds', () => {
  it('E5 · of two ports of a program the one that a proxy forwards to is fronted', async () => {
    const nginx = 'server {\n  listen 443 ssl;\n  location / { proxy_pass http://127.0.0.1:7004; }\n}\n'
    const beside = "const express = require('express')\nexpress().listen(7004, '127.0.0.1')\nexpress().listen(9104)\n"
    expect(await messagesOf({ 'server.js': beside, 'nginx.conf': nginx })).toEqual([
      'server binds every interface on port 9104, since no host is given',
    ])
    const itself = "const express = require('express')\nexpress().listen(7004)\n"
    expect(await messagesOf({ 'server.js': itself, 'nginx.conf': nginx })).toEqual([
      'server binds every interface on port 7004, since no host is given, though a proxy fronts it',
    ])
  })

  it('C4 · what may give another host is said beside what is known', async () => {
    const files = {
      'app.service': '[Service]\nWorkingDirectory=/opt/app\nEnvironmentFile=/etc/app/secrets.env\nExecStart=/usr/bin/node index.js\n',
      'index.js': "const host = process.env.GATEWAY_HOST || '0.0.0.0'\nrequire('http').createServer().listen(9850, host)\n",
    }
    expect(await messagesOf(files)).toEqual([
      'app binds every interface on port 9850 unless it is told otherwise (GATEWAY_HOST may be set in a file that is not in the folder)',
    ])
  })

  it('a port that the system chooses has no number', async () => {
    expect(await messagesOf({ 'server.js': "require('http').createServer().listen(0)\n" })).toEqual([
      'server binds every interface, since no host is given',
    ])
  })

  it('E3 · a variable is not read by what listens, whatever else reads it', async () => {
    const files = {
      'ecosystem.config.js': "module.exports = { apps: [{ name: 'feed', script: 'feed.js', env: { FEED_HOST: '127.0.0.1' } }] }\n",
      'feed.js': 'require("http").createServer().listen(process.env.FEED_PORT)\n',
    }
    expect(await messagesOf(files)).toContain('PM2 app feed sets FEED_HOST, and what listens does not read it')
  })
})
