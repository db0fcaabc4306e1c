/** Every setting of git-config(1) that names a program, a transport or another file to be read. MARKER and OUTSIDE are put in. */
export const GIT_CONFIG = `[core]
	repositoryformatversion = 0
	bare = false
	fsmonitor = touch MARKER/fsmonitor
	hooksPath = .git/hooks
	sshCommand = touch MARKER/ssh
	gitProxy = touch MARKER/proxy
	askPass = touch MARKER/askpass
	editor = touch MARKER/editor
	pager = touch MARKER/pager
	attributesFile = OUTSIDE/attributes
	excludesFile = OUTSIDE/excludes
	alternateRefsCommand = touch MARKER/alternates
	worktree = /etc
	untrackedCache = true
[include]
	path = OUTSIDE/evil.gitconfig
[includeIf "gitdir:/"]
	path = OUTSIDE/evil.gitconfig
[alias]
	ls-files = !touch MARKER/alias
[diff]
	external = touch MARKER/external
[diff "evil"]
	command = touch MARKER/diff
	textconv = touch MARKER/textconv
[filter "evil"]
	clean = touch MARKER/clean
	smudge = touch MARKER/smudge
	process = touch MARKER/process
	required = true
[merge "evil"]
	driver = touch MARKER/merge
[credential]
	helper = !touch MARKER/credential
[gpg]
	program = touch MARKER/gpg
[pager]
	ls-files = touch MARKER/pager-ls
[interactive]
	diffFilter = touch MARKER/interactive
[uploadpack]
	packObjectsHook = touch MARKER/pack
[protocol]
	allow = always
[protocol "ext"]
	allow = always
[remote "origin"]
	url = ext::touch% MARKER/ext
	promisor = true
	partialclonefilter = blob:none
	vcs = evil
[extensions]
	partialClone = origin
[submodule "x"]
	path = x
	url = ext::touch% MARKER/submodule
	update = !touch MARKER/update
`

const NODE = "require('node:fs').writeFileSync('MARKER/FILE', '')\n"
const node = (file: string): string => NODE.replace('FILE', file.replaceAll(/\W/g, '-'))
const PYTHON = "open('MARKER/python', 'w')\n"

/** Files that some tool runs, loads or obeys when it looks at a folder. */
export const RUNNABLE: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({
    name: 'evil',
    type: 'commonjs',
    main: 'index.js',
    scripts: {
      ...Object.fromEntries(
        ['preinstall', 'install', 'postinstall', 'prepare', 'prestart', 'test'].map((name) => [name, `touch MARKER/npm-${name}`]),
      ),
      start: 'HOST=$(touch MARKER/substitution) node server.js',
    },
    imports: { '#x': './index.js' },
    pm2: { apps: [{ script: 'index.js' }] },
  }),
  '.npmrc': 'script-shell=./bin/sh\nnode-options=--require ./evil.cjs\nonload-script=./evil.cjs\nprefix=${NPM_TOKEN}\n',
  '.env': 'NODE_OPTIONS=--require=./evil.cjs\nLD_PRELOAD=./evil.so\nBASH_ENV=./evil.sh\nPATH=./bin\nHOST=$(touch MARKER/dotenv)\n',
  '.node-version': '$(touch MARKER/version)\n',
  '.nvmrc': '$(touch MARKER/nvm)\n',
  '.envrc': 'touch MARKER/direnv\n',
  '.tool-versions': 'nodejs $(touch MARKER/asdf)\n',
  'evil.cjs': node('required'),
  'index.js': node('index'),
  'server.js': `${node('server')}require('express')().listen(3000)\n`,
  'ecosystem.config.js': `${node('ecosystem')}module.exports = { apps: [{ name: 'a', script: 'server.js', env: { HOST: (${node('value').trim()}, '0.0.0.0') } }] }\n`,
  'vite.config.ts': `import { writeFileSync } from 'node:fs'\nwriteFileSync('MARKER/vite', '')\nexport default { server: { host: '0.0.0.0' } }\n`,
  'vite.config.js': `${node('vite-js')}module.exports = {}\n`,
  'next.config.mjs': `import { writeFileSync } from 'node:fs'\nwriteFileSync('MARKER/next', '')\n`,
  'eslint.config.js': node('eslint'),
  'commitlint.config.js': node('commitlint'),
  'tsconfig.json': '{"extends":"../outside/tsconfig.json","compilerOptions":{"plugins":[{"name":"./evil.cjs"}]}}\n',
  'sgconfig.yml': 'customLanguages:\n  evil:\n    libraryPath: ./evil.so\n    extensions: [js]\n',
  'node_modules/@ast-grep/napi/index.js': node('ast-grep'),
  'node_modules/@ast-grep/napi/package.json': '{"name":"@ast-grep/napi","main":"index.js"}',
  'node_modules/@ast-grep/lang-python/index.js': node('lang-python'),
  'node_modules/@ast-grep/lang-go/index.js': node('lang-go'),
  'main.go':
    'package main\n\n//go:generate touch MARKER/go-generate\nimport "net/http"\n\nfunc main() { http.ListenAndServe(":8002", nil) }\n',
  'go.mod': 'module evil\n\nreplace example.com/x => ../outside\n',
  'node_modules/commander/index.js': node('commander'),
  'node_modules/express/index.js': node('express'),
  'setup.py': PYTHON,
  'conftest.py': PYTHON,
  'sitecustomize.py': PYTHON,
  'gunicorn.conf.py': `${PYTHON}bind = "0.0.0.0:8000"\n`,
  'main.py': `${PYTHON}import uvicorn\nuvicorn.run("main:app", host=__import__("os").popen("touch MARKER/popen").read(), port=8001)\n`,
  Makefile: 'X := $(shell touch MARKER/make)\nall:\n\ttouch MARKER/make-all\n',
  Procfile: 'web: HOST=`touch MARKER/procfile` node server.js\n',
  Dockerfile: 'FROM node:20\nRUN touch MARKER/docker\nCMD ["sh", "-c", "touch MARKER/cmd; node server.js"]\n',
  'compose.yaml':
    'services:\n  a:\n    build: .\n    command: sh -c "touch MARKER/compose"\n    ports: ["${PORT:-$(touch MARKER/compose-port)}:80"]\n',
  'start.sh': 'HOST=$(touch MARKER/shell) node server.js\n. ./evil.sh\neval "touch MARKER/eval"\n',
  'evil.sh': 'touch MARKER/sourced\n',
  'run.ps1': 'Invoke-Expression "touch MARKER/powershell"\n$(touch MARKER/ps) | node server.js\n',
  'a.service': '[Service]\nExecStartPre=/bin/touch MARKER/systemd\nExecStart=/usr/bin/node server.js\n',
  'nginx.conf':
    'load_module ./evil.so;\nevents {}\nhttp { perl_modules .; perl_require evil.pm; server { listen 80; content_by_lua_block { os.execute("touch MARKER/lua") } } }\n',
  'settings.json': '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}\n',
}

/** Programs by the names of those that are run; in places where a careless PATH looks. */
export const EXECUTABLES: Readonly<Record<string, string>> = Object.fromEntries(
  ['git', 'ss', 'ip', 'nft', 'sh', 'bash', 'node', 'nginx', 'ufw', 'iptables-save', 'docker', 'nsenter'].flatMap((name) =>
    ['', 'bin/', 'node_modules/.bin/'].map((where) => [`${where}${name}`, `#!/bin/sh\n: > MARKER/${name}\n`]),
  ),
)

/** Files that name others outside of the folder: the tests put OUTSIDE in. */
export const REACHING_OUT: Readonly<Record<string, string>> = {
  'compose.yaml': `include:
  - ../outside/shared.yaml
services:
  a:
    image: x
    env_file: [../outside/shared.env, OUTSIDE/shared.env, /etc/passwd]
    ports: ["\${HOST:-127.0.0.1}:8080:80"]
  b:
    extends: { file: ../outside/shared.yaml, service: b }
`,
  'nginx.conf': `include /etc/shadow;
include /etc/passwd;
events {}
http {
  include OUTSIDE/*.conf;
  include ../outside/shared.conf;
  include /proc/self/environ;
  server { listen 80; location / { proxy_pass http://127.0.0.1:3000; include ../../../../../../etc/passwd; } }
}
`,
  'a.service': '[Service]\nEnvironmentFile=OUTSIDE/shared.env\nEnvironmentFile=/etc/passwd\nExecStart=/usr/bin/node server.js\n',
  'server.js': `const config = require('../outside/shared.js')
require('dotenv').config({ path: '../outside/shared.env' })
require('express')().listen(3000, config.host)
require('express')().listen(3001, require('OUTSIDE/shared.js').host)
`,
  'esm.mjs': "import { host } from '../outside/shared.js'\nimport express from 'express'\nexpress().listen(3002, host)\n",
  'ecosystem.config.js': "module.exports = require('../outside/shared.js')\n",
  'pm2.config.js':
    "const shared = require('OUTSIDE/shared.js')\nmodule.exports = { apps: [...shared.apps, { name: 'x', script: 'server.js', env_file: '../outside/shared.env' }] }\n",
  'main.py':
    'import sys\nsys.path.append("../outside")\nfrom shared import HOST\nfrom ..outside import shared\nimport uvicorn\nuvicorn.run("m:app", host=HOST, port=8001)\n',
  'start.sh':
    '. ../outside/shared.sh\nsource OUTSIDE/shared.sh\nset -a; . /etc/passwd\nnode server.js --host "$HOST" --config ../outside/shared.js < /etc/shadow\n',
  'run.ps1': '. ..\\outside\\shared.ps1\n. OUTSIDE/shared.ps1\nGet-Content OUTSIDE/shared.env\nnode server.js\n',
  Procfile: 'web: node -r ../outside/shared.js server.js\nother: env $(cat ../outside/shared.env) node server.js\n',
  Dockerfile: 'FROM node:20\nCOPY ../outside /app\nENV $(cat OUTSIDE/shared.env)\nCMD ["node", "server.js"]\n',
  'package.json':
    '{"scripts":{"start":"node --env-file=../outside/shared.env server.js","x":"dotenv -e OUTSIDE/shared.env -- node server.js","y":"sh ../outside/shared.sh"}}\n',
}

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n')

const aliases = (last: string): string =>
  `x-a: &a ["x","x","x","x","x","x","x","x","x"]\n${lines(9, (index) => `x-${'bcdefghij'[index]}: &${'bcdefghij'[index]} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(',')}]`)}\n${last}`

const DEPTH = 10_000

/** One file that has too much of something, by what it is. */
export const TOO_MUCH: readonly (readonly [what: string, path: string, content: () => string])[] = [
  ['an alias bomb', 'compose.yaml', () => aliases('services:\n  s: { image: x, ports: *j, environment: *j, command: *j }\n')],
  [
    'a merge bomb',
    'compose.yaml',
    () =>
      `x-0: &m0 { k: v }\n${lines(3000, (index) => `x-${index + 1}: &m${index + 1} { <<: [*m${index}, *m${index}], k${index}: v }`)}\nservices:\n  s: { image: x, environment: *m3000 }\n`,
  ],
  ['nested YAML', 'compose.yaml', () => `services: ${'{a: '.repeat(DEPTH)}${'}'.repeat(DEPTH)}`],
  ['nested lists of YAML', 'compose.yaml', () => `services:\n  a:\n    ports: ${'['.repeat(DEPTH)}`],
  ['nested JSON', 'package.json', () => `{"scripts":${'{"a":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}}`],
  ['nested applications of PM2', 'ecosystem.config.js', () => `module.exports = ${'{ apps: ['.repeat(DEPTH)}${'] }'.repeat(DEPTH)}`],
  [
    'nested JavaScript',
    'deep.js',
    () => `const app = require('express')()\napp.listen(${'('.repeat(DEPTH)}3001${')'.repeat(DEPTH)}, ${'['.repeat(DEPTH)}`,
  ],
  [
    'nested functions',
    'deep.ts',
    () => `import express from 'express'\n${'(() => {'.repeat(DEPTH)}express().listen(3001)${'})()'.repeat(DEPTH)}`,
  ],
  ['nested elements', 'deep.tsx', () => `import express from 'express'\nexport default ${'<a>'.repeat(DEPTH)}${'</a>'.repeat(DEPTH)}\n`],
  ['nested Python', 'deep.py', () => `import uvicorn\nuvicorn.run("m:app", host=${'('.repeat(DEPTH)}"0.0.0.0"${')'.repeat(DEPTH)})`],
  ['nested blocks of nginx', 'nginx.conf', () => `http {${'server {'.repeat(DEPTH)}${'}'.repeat(DEPTH)}}`],
  ['nested substitutions', 'deep.sh', () => `${'$('.repeat(DEPTH)}node x.js${')'.repeat(DEPTH)}`],
  ['nested loops of a shell', 'deep.sh', () => `${'for a in b; do '.repeat(DEPTH)}node x.js${'; done'.repeat(DEPTH)}`],
  ['nested PowerShell', 'deep.ps1', () => `${'$('.repeat(DEPTH)}node x.js${')'.repeat(DEPTH)}`],
  ['nested expansions', '.env', () => `HOST=${'${A:-'.repeat(DEPTH)}x${'}'.repeat(DEPTH)}\n`],
  [
    'one command with many addresses',
    'compose.yaml',
    () => `services:\n  a:\n    image: redis:7\n    command: redis-server --bind ${'192.0.2.1 '.repeat(5000)}\n`,
  ],
  ['files that include one another', 'nginx.conf', () => `http { ${'include nginx.conf; '.repeat(200)} }`],
  [
    'an expression that backtracks',
    'nginx.conf',
    () =>
      `events {}\nhttp { server { listen 80; server_name ~^(a+)+$; location ~ ^(([a-z])+.)+[A-Z]([a-z])+$ { proxy_pass http://127.0.0.1:3000; } } }\n`,
  ],
  ['variables that double', '.env', () => lines(60, (index) => `A${index + 1}=\${A${index}}\${A${index}}`)],
  [
    'variables of compose that double',
    'compose.yaml',
    () => `services:\n  a:\n    image: x\n    ports: ["\${A:-${'${A:-'.repeat(500)}"]\n`,
  ],
  ['braces that multiply', 'start.sh', () => `node ${'{a,b}'.repeat(40)} ${'{1..1000000}'.repeat(3)}\n`],
  [
    'one long line',
    'long.js',
    () => `const app = require('express')(); ${'app.get("/a", (q, s) => s.end());'.repeat(40_000)} app.listen(3001)\n`,
  ],
  [
    'very many listeners',
    'many.js',
    () => `const app = require('express')()\n${lines(4000, (index) => `app.listen(${10_000 + index})`)}\n`,
  ],
  [
    'very many services',
    'compose.yaml',
    () => `services:\n${lines(4000, (index) => `  s${index}: { image: x, ports: ["${10_000 + index}:80"] }`)}\n`,
  ],
  [
    'very many applications',
    'ecosystem.config.js',
    () =>
      `module.exports = { apps: [${lines(4000, (index) => `{ name: 'a${index}', script: 'server.js', env: { PORT: ${10_000 + index} } },`)}] }\n`,
  ],
]
