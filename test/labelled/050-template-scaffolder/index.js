#!/usr/bin/env node
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serverTemplate, dockerfileTemplate } from './templates.js'

const [name = 'my-api'] = process.argv.slice(2)
mkdirSync(name)
writeFileSync(join(name, 'server.js'), serverTemplate({ port: 3000 }))
writeFileSync(join(name, 'Dockerfile'), dockerfileTemplate())
console.log(`Created ${name}. Now run: cd ${name} && node server.js`)
