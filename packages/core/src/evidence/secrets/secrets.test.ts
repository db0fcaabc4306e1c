import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { show, showWords } from '../shown.ts'
import { FUZZ, random } from '../../../test/fuzz.ts'
import { isSecretName } from './index.ts'

/** Nothing of these lines is hidden. */
function expectWhole(lines: readonly string[]): void {
  expect(lines.map((line) => String(show(line)))).toEqual(lines)
}

describe('C5 · names of secrets', () => {
  it('is what a value is kept from every eye for', () => {
    const names = `DB_PASSWORD apiKey JWT_SECRET client_secret STRIPE_SK password PASSWD dbPass db.password spring.datasource.password X-API-Key
    X-Internal-API-Key INTERNAL_API_KEY SENDGRID_API_KEY GOOGLE_CLIENT_SECRET AWS_SECRET_ACCESS_KEY AWS_ACCESS_KEY_ID authToken accesstoken
    REFRESH_TOKEN csrfToken privateKey ssh_private_key PRIVATE_KEY OPENAI_KEY stripe_secret_key clientSecret appsecret SENTRY_DSN DATABASE_URL
    redis_url connectionString AzureWebJobsStorage_ConnectionString session_secret PGPASSWORD MYSQL_PWD pwd dbPwd Authorization _authToken _auth
    BASIC_AUTH requirepass masterauth Set-Cookie SESSION_COOKIE PASSWORD_SALT MNEMONIC passphrase SSH_PASSPHRASE TOKEN token secrets SECRET_KEY_BASE
    ENCRYPTION_KEY signingKey WEBHOOK_SECRET twilio_auth_token PASSWORD1 JWTSecret OAuthToken DBPassword adminpass ADMIN_PASS HTTP_COOKIE
    DB_PW dbpw jwt API_JWT PGPASS smtppass MAILPASS COOKIE_SIGNING sessionSigning TOKEN_SIGNING INTERNAL_API_KEY_PREVIOUS INTERNAL_API_KEY_NEXT oldApiKey PEPPER PASSWORD_PEPPER pepper PAT GH_PAT
    GITHUB_PAT DEPLOY_PAT githubPat azure.devops.pat dbpwd FTP_USERPWD`
    expect(names.split(/\s+/).filter((name) => !isSecretName(name))).toEqual([])
  })

  it('is none that only looks like it, or speaks about a secret', () => {
    const names = `KEYBOARD tokenizer PASSPORT_PORT MONKEY monkey HOST PORT compass BYPASS passenger PASSIVE_PORTS proxy_pass fastcgi_pass keyboard primaryKey
    PRIMARY_KEY foreign_key SORT_KEY publicKey PUBLIC_KEY STRIPE_PUBLISHABLE_KEY CACHE_KEY key keys KEY turkey hockey PWD OLDPWD MAX_TOKENS max_tokens
    maxTokens num_tokens tokenCount TOKEN_TTL TOKEN_EXPIRES_IN passwordField PASSWORD_MIN_LENGTH SECRET_FILE POSTGRES_PASSWORD_FILE token_endpoint
    password-stdin TOKEN_URL tokenType SECRET_NAME secretary tokenization passthrough PASSTHROUGH author authority AUTH_SERVICE_PORT auth authMode cookieParser
    cookie_domain COOKIE_SECURE COOKIE_NAME URL BASE_URL PUBLIC_URL webhookUrl CORS_ORIGINS NODE_ENV ssl_certificate_key SSL_KEY TLS_KEY string
    desk risk saltLake OSPF_AREA tokenService passwordPolicy accessLog encryption apiVersion KEYCLOAK_PORT overpass MULTIPASS CODE_SIGNING ENABLE_SIGNING signing PREVIOUS NEXT
    pat PATH URL_PAT EXCLUDE_PAT filePat COMPAT pattern peppermint LOGIN loginUrl PRIMARY_KEY_OLD INTERNAL_API_KEY_PREVIOUS_UNTIL`
    expect(names.split(/\s+/).filter((name) => isSecretName(name))).toEqual([])
  })
})

/** What a secret may be made of where it stands between quotes, as one word, and at the end of an assignment in code. */
const QUOTED = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 !#$%&()*+,./:;<=>?@[\]^_{|}~-]{6,40}[A-Za-z0-9]$/)
const WORD = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9!$%*+./:=?@^_~-]{6,40}[A-Za-z0-9]$/)
const PLAIN = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{6,40}[0-9]$/)
const ENCODED = fc.uint8Array({ minLength: 8, maxLength: 48 }).chain((bytes) => {
  const buffer = globalThis.btoa(String.fromCharCode(...bytes))
  return fc.constantFrom(
    buffer,
    buffer.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''),
    encodeURIComponent(buffer),
    hex(bytes),
  )
})

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

const NAMES = fc.constantFrom(
  'DB_PASSWORD',
  'password',
  'apiKey',
  'JWT_SECRET',
  'client_secret',
  'api-key',
  'X-Internal-API-Key',
  'authToken',
  'STRIPE_SK',
)
const IDENTIFIERS = fc.constantFrom('DB_PASSWORD', 'password', 'apiKey', 'JWT_SECRET', 'client_secret', 'authToken', 'STRIPE_SK')

type Template = (name: string, secret: string) => string

/** Every place where a value stands in quotes. */
const IN_QUOTES: readonly Template[] = [
  (name, secret) => `export ${name}="${secret}" HOST=0.0.0.0`,
  (name, secret) => `{ "${name}": "${secret}", "port": 3000 }`,
  (name, secret) => `{\\"${name}\\":\\"${secret}\\",\\"port\\":3000}`,
  (name, secret) => `app.listen({ ${JSON.stringify(name)}: '${secret}', host: '0.0.0.0', port: 3000 })`,
  (name, secret) => `const x = process.env[${JSON.stringify(name)}] || '${secret}'; app.listen(3000)`,
  (name, secret) => `const x = process.env[${JSON.stringify(name)}] ?? "${secret}"`,
  (name, secret) => `x = os.getenv("${name}", "${secret}")`,
  (name, secret) => `x = os.environ.get("${name}") or '${secret}'`,
  (name, secret) => `if (req.headers["${name}"] === "${secret}") app.listen(3000)`,
  (name, secret) => `if (req.headers["${name}"] != '${secret}') return`,
  (name, secret) => `$env:${name.replaceAll('-', '_')} = "${secret}"; node server.js`,
  (name, secret) => `node server.js --${name} "${secret}" --port 3000`,
  (name, secret) => `node server.js --${name}='${secret}' --port 3000`,
  (name, secret) => `args: ['--${name}', '${secret}', '--port', '3000']`,
  (name, secret) => `CMD ["node", "server.js", "--${name}", "${secret}", "--host", "0.0.0.0"]`,
  (name, secret) => `  - "${name}=${secret}"`,
  (name, secret) => `  ${name}: "${secret}" # database`,
  (name, secret) => `docker run -e "${name}=${secret}" -p 3000:3000 image`,
  (name, secret) => `proxy_set_header ${name} "${secret}";`,
  (name, secret) => `curl -H "${name}: ${secret}" http://127.0.0.1:3000`,
  (_, secret) => `curl -H 'Authorization: Bearer ${secret}' http://127.0.0.1:3000`,
  (name, secret) => `<${name}>${secret.replaceAll('<', '')}</${name}>`,
  (name, secret) => `<add key="${name}" value="${secret}" />`,
  (name, secret) => `{"name":"${name}","value":"${secret}"}`,
  (name, secret) => `[["${name}", "${secret}"]]`,
  (name, secret) => `"${name}" => "${secret}",`,
  (_, secret) => `jwt.sign(payload, '${secret}', { expiresIn: 3600 })`,
  (_, secret) => `app.use(cookieParser("${secret}"))`,
  (_, secret) => `createHmac('sha256', "${secret}").update(body)`,
  (_, secret) => `CREATE USER x IDENTIFIED BY '${secret}';`,
  (_, secret) => `session({ secret: ['${secret}', 'b'], cookie: { secure: true } })`,
  (_, secret) => `mysql -u root -p'${secret}' db`,
  (_, secret) => `echo '${secret}' | sudo -S nginx`,
  (_, secret) => `echo "${secret}" | docker login --password-stdin`,
  (_, secret) => `echo 'app:${secret}' | chpasswd`,
  (name, secret) => `read ${name} <<< '${secret}'`,
  (_, secret) => `htpasswd -b .htpasswd admin "${secret}" && nginx`,
  (_, secret) => `curl -u "user:${secret}" http://127.0.0.1:3000`,
]

/** Places of an identifier, where the language has no quoted names. */
const WITH_IDENTIFIER: readonly Template[] = [
  (name, secret) => `const ${name} = '${secret}'; app.listen(3000)`,
  (name, secret) => `const ${name}: string = "${secret}", port = 3000`,
  (name, secret) => `this.${name} = \`${secret}\``,
  (name, secret) => `def start(${name}: str = "${secret}", port: int = 3000):`,
  (name, secret) => `uvicorn.run(app, ${name}="${secret}", host="0.0.0.0")`,
  (name, secret) => `${name} = b'${secret}'`,
  (name, secret) => `${name} = "a" if debug else "${secret}"`,
  (name, secret) => `${name}: process.env.X || '${secret}', port: 3000`,
  (name, secret) => `${name} = (isDev ? 'a' : '${secret}')`,
  (name, secret) => `set $${name} "${secret}";`,
  (name, secret) => `if (${name} === '${secret}') app.listen(3000)`,
  (name, secret) => `${name} := "${secret}"`,
  (name, secret) => `${name} = await load("${secret}")`,
  (name, secret) => `process.env.${name} = '${secret}'`,
  (name, secret) => `${name} += '${secret}'`,
  (name, secret) => `$${name} .= '${secret}';`,
  (name, secret) => `const ${name} /* a */ = /* b */ '${secret}'`,
  (name, secret) => `${name}=/* a */'${secret}'; listen(3000)`,
  (name, secret) => `const ${name}: /* a */ string /* b */ = '${secret}'`,
  (name, secret) => `{ ${name} /* a */: process.env.P /* b */ || /* c */ '${secret}' }`,
  (name, secret) => `const ${name}=cfg.key||'${secret}'`,
  (name, secret) => `${name}=process.env.P??config.other??"${secret}"; listen(3000)`,
  (name, secret) => `let ${name}=await load("${secret}")`,
  (name, secret) => `const ${name}=isDev?'a':'${secret}'`,
  (name, secret) => `${name}=os.getenv("P") or "${secret}"`,
  (name, secret) => `${name}=os.getenv("P","a b") or "${secret}"`,
  (name, secret) => `${name}=os.environ.get("P","${secret}")`,
  (name, secret) => `${name}=load("a") or "${secret}"`,
  (name, secret) => `run(app, ${name}=settings.pw or "${secret}", port=3000)`,
]

/** Places where a value is one word. */
const AS_WORD: readonly Template[] = [
  (name, secret) => `${name}=${secret}`,
  (name, secret) => `${name}+=${secret}`,
  (name, secret) => `"start": "${name}=${secret} HOST=0.0.0.0 node server.js"`,
  (name, secret) => `  - ${name}=${secret}`,
  (name, secret) => `ENV ${name} ${secret}`,
  (name, secret) => `ENV ${name}=${secret} PORT=3000`,
  (name, secret) => `node server.js --${name} ${secret} --port 3000`,
  (name, secret) => `node server.js --${name}=${secret} --port 3000`,
  (name, secret) => `"start": "node server.js --${name} ${secret} --port 3000"`,
  (name, secret) => `curl -H "${name}: ${secret}" http://127.0.0.1:3000`,
  (name, secret) => `fastcgi_param ${name} ${secret};`,
  (name, secret) => `proxy_set_header ${name} ${secret};`,
  (name, secret) => `\${${name.replaceAll('-', '_')}:-${secret}}`,
  (_, secret) => `postgres://user:${secret}@db.example.com:5432/app`,
  (_, secret) => `redis://:${secret}@127.0.0.1:6379/0`,
  // With a / it may be a port and a path: `http://localhost:3000/@vite/client`.
  (_, secret) => `fetch('https://user:${secret.replace(/[/?#]/g, '')}@example.com/')`,
  (_, secret) => `http://127.0.0.1:3000/callback?port=1&token=${secret.replace(/[?&;]/g, '')}`,
  (_, secret) => `Server=db;Uid=sa;Password=${secret};Port=5432`,
  (_, secret) => `mysql -u root -p${secret} app`,
  (_, secret) => `redis-cli -a ${secret} ping`,
  (_, secret) => `htpasswd -bc .htpasswd admin ${secret}; nginx`,
  (_, secret) => `htpasswd -nbB -C 10 admin ${secret} > .htpasswd`,
  (_, secret) => `useradd -m -p ${secret} app`,
  (_, secret) => `usermod -p ${secret} app`,
  (_, secret) => `zip -r -P ${secret} app.zip app`,
  (_, secret) => `az login --service-principal -u app -p ${secret} --tenant x`,
  (_, secret) => `echo ${secret} | sudo -S nginx`,
  (_, secret) => `"start": "echo ${secret}|sudo -kS node server.js"`,
  (_, secret) => `echo -n ${secret} | docker login -u app --password-stdin registry.example.com`,
  (_, secret) => `echo app:${secret} | sudo chpasswd`,
  (_, secret) => `printf '%s\\n' ${secret} | gh auth login --with-token`,
  (_, secret) => `sudo -S nginx <<< ${secret}`,
  (name, secret) => `read -r USER ${name} <<< ${secret}`,
  (_, secret) => `sshpass -p ${secret} ssh root@192.0.2.1`,
  (_, secret) => `docker login -u me -p ${secret} registry.example.com`,
  (_, secret) => `openssl enc -aes-256-cbc -pass pass:${secret}`,
  (_, secret) => `requirepass ${secret}`,
  (_, secret) => `//registry.example.com/:_authToken=${secret}`,
]

/** Places of one of the words that a shell puts together to the value. */
const SUBSTITUTED: readonly Template[] = [
  (name, secret) => `${name}=$(echo a ${secret} | base64) node server.js`,
  (name, secret) => `"start": "${name}=$(echo a ${secret} | base64) node server.js"`,
  (name, secret) => `"start": "${name}=\\"$(echo a ${secret})\\" node server.js"`,
  (name, secret) => `sh -c "${name}=$(echo "a ${secret}") node server.js"`,
  (name, secret) => `${name}="$(printf %s 'a b' ${secret})" node server.js`,
  (name, secret) => `${name}="$(printf %s "a b" ${secret})" node server.js`,
  (name, secret) => `${name}=x$(echo a b)$(echo a ${secret}) node server.js`,
  (name, secret) => `${name}=\${X:-a ${secret}} node server.js`,
  (name, secret) => `  ${name}: \${X:-a ${secret}}`,
  (name, secret) => `${name} = $(shell echo a ${secret})`,
  (name, secret) => `${name}=$(cat <<< ${secret})`,
  (name, secret) => `${name}=$(cat file || echo ${secret})`,
  (name, secret) => `${name}=$(openssl passwd -6 ${secret})`,
  (name, secret) => `node server.js --${name} $(echo a ${secret}) --port 3000`,
  (name, secret) => `node server.js --${name}=$(echo a ${secret}) --port 3000`,
  (name, secret) => `node server.js --${name} <(echo a ${secret}) --port 3000`,
  (name, secret) => `curl -H "${name}: $(echo "a" ${secret})" http://127.0.0.1:3000`,
  // It goes on below.
  (name, secret) => `${name}=$(echo a ${secret}`,
  (_, secret) => `sshpass -p $(echo a ${secret}) ssh -p 22 root@192.0.2.1`,
  (_, secret) => `mysql -uroot -p$(echo a ${secret}) app`,
]

/** Values of YAML and the like. */
const AS_PLAIN: readonly Template[] = [
  (name, secret) => `  ${name}: ${secret}`,
  (name, secret) => `  ${name}: ${secret} # database`,
  (name, secret) => `${name} = ${secret}`,
  (name, secret) => `${name} ?= ${secret}`,
  (name, secret) => `${name} ::= ${secret}`,
  (name, secret) => `{ ${name}: ${secret}, port: 3000 }`,
  (_, secret) => `# the password is ${secret} for now`,
  (_, secret) => `// token ${secret}`,
]

/** Places that nothing but the look of the secret gives away. */
const UNNAMED: readonly Template[] = [
  (_, secret) => `app.listen(3000) // ${secret}`,
  (_, secret) => `node server.js ${secret}`,
  (_, secret) => `https://example.com/hook/${secret}`,
  (_, secret) => `const x = '${secret}'`,
  (_, secret) => `x: ${secret}`,
]

/** What stands around on the line; long ones reach over the cut. */
const AROUND = fc.constantFrom(
  '',
  '  ',
  '// start the server ',
  "const host = '0.0.0.0'; ",
  'don’t panic; ',
  `${'const port = 3000; '.repeat(9)}`,
  `${'listen 80; '.repeat(68)}`,
)

function traces(secret: string): readonly string[] {
  const bytes = globalThis.btoa(String.fromCharCode(...new TextEncoder().encode(secret)))
  return [secret, bytes, encodeURIComponent(secret)]
}

/** Whether a piece of the secret of eight characters is there that the same line without it does not have. */
function leaks(shown: string, secret: string, without: string): boolean {
  for (let at = 0; at + 8 <= secret.length; at++) {
    const piece = secret.slice(at, at + 8)
    if (shown.includes(piece) && !without.includes(piece)) return true
  }
  return false
}

function holds(templates: readonly Template[], names: fc.Arbitrary<string>, secrets: fc.Arbitrary<string>): void {
  fc.assert(
    fc.property(fc.constantFrom(...templates), names, secrets, AROUND, (template, name, secret, around) => {
      const line = around + template(name, secret)
      const shown = show(line)
      for (const trace of traces(secret)) expect(shown, line).not.toContain(trace)
      expect(leaks(shown, secret, around + template(name, '')), `${line}\n${shown}`).toBe(false)
    }),
    { numRuns: RUNS },
  )
}

const RUNS = FUZZ

describe('C5 · a secret never survives being shown', () => {
  it('in quotes', () => holds(IN_QUOTES, NAMES, fc.oneof(QUOTED, WORD, PLAIN, ENCODED)))
  it('given to an identifier', () => holds(WITH_IDENTIFIER, IDENTIFIERS, fc.oneof(QUOTED, WORD, PLAIN, ENCODED)))
  it('as a word', () =>
    holds(
      AS_WORD,
      NAMES,
      // A word like `-abc` is an option.
      fc.oneof(WORD, PLAIN, ENCODED).filter((secret) => !/^-[a-z]/.test(secret)),
    ))
  it('in what a shell puts together', () => holds(SUBSTITUTED, IDENTIFIERS, PLAIN))
  it('as a plain value', () => holds(AS_PLAIN, IDENTIFIERS, PLAIN))

  it('without a name, when it is random: all but one in a thousand', () => {
    const next = random(7)
    let missed = 0
    const lines = Array.from({ length: 8000 }, (_, index) => {
      const bytes = Uint8Array.from({ length: 24 + next(24) }, () => next(256))
      const base64 = globalThis.btoa(String.fromCharCode(...bytes))
      const secret = [base64, base64.replaceAll('+', '-').replaceAll('/', '_'), hex(bytes), encodeURIComponent(base64)][index % 4] ?? base64
      const line = UNNAMED[index % 5]?.('', secret) ?? secret
      if (leaks(show(line), secret, line.replace(secret, ''))) missed++
      return line
    })
    expect(new Set(lines).size).toBe(8000)
    expect(missed).toBeLessThanOrEqual(8)
  })

  it('under every option and variable that a program may take it by, whichever program', () => {
    const options = `pw pass passwd pass-word passphrase passwort auth auth-token authkey auth-pass jwt jwt-secret jwt-key key keys keypass
    key-password license licence license-key token secret api-key requirepass psk creds otp pin salt encrypt db-pw keystore-pass`.split(
      /\s+/,
    )
    const variables = 'X_KEY KEY APP_AUTH AUTH JWT APP_JWT LICENSE LICENSE_KEY FOO_PW DB_PASS PGPASSWORD TOKEN MY_PSK ADMIN_PIN'.split(' ')
    const programs = fc.constantFrom('node', '/usr/bin/java', 'redis-server', './server', 'gunicorn', 'sh')
    // A word like `-abc` is an option.
    const secrets = fc.oneof(QUOTED, WORD, PLAIN, ENCODED)
    fc.assert(
      fc.property(programs, fc.constantFrom(...options), fc.constantFrom(...variables), secrets, (program, option, variable, secret) => {
        for (const words of [
          [program, 'server.js', `--${option}`, secret, '--port', '3000'],
          [program, 'server.js', `-${option}`, secret],
          [program, 'server.js', `--${option}=${secret}`, '--port=3000'],
          ['env', `${variable}=${secret}`, program],
          ['docker', 'run', '-e', `${variable}=${secret}`, 'image'],
          [program, `--${option}:${secret}`],
          ['erl', '-setcookie', secret],
          ['mosquitto_sub', '-u', 'a', '-P', secret],
          ['ss-server', '-k', secret, '-p', '8388'],
          [program, '-u', `admin:${secret}x`],
          [program, '--user', `admin:${secret}x`],
          [program, '--db', `postgres://app:${encodeURIComponent(secret)}@db.example.com/app`],
        ]) {
          const shown = showWords(words).join(' ')
          expect(leaks(shown, secret, words.join(' ').replaceAll(secret, '')), words.join(' ')).toBe(false)
          // Said again in a sentence, it is no more than before.
          expect(leaks(show(shown), secret, words.join(' ').replaceAll(secret, '')), words.join(' ')).toBe(false)
        }
      }),
      { numRuns: RUNS },
    )
  })

  it('under those options in the text of a script', () => {
    for (const option of ['--pw', '--auth', '--jwt', '--key', '--license', '--psk', '--passphrase', '--keypass'])
      for (const line of [
        `node server.js ${option} hunter2canary --port 3000`,
        `CMD ["node", "server.js", "${option}", "hunter2canary"]`,
        `node x ${option}=hunter2canary`,
        `node x ${option}:hunter2canary`,
      ])
        expect(show(line), line).not.toContain('hunter2')
    for (const line of [
      'LICENSE=hunter2canary node server.js',
      'export KEY=hunter2canary',
      'app -u admin:hunter2canary',
      'app -phunter2canary',
    ])
      expect(show(line), line).not.toContain('hunter2')
  })

  it('behind `-p` of a program of one’s own, unless it is a port, an address or a file', () => {
    expect(showWords('node app.js -p hunter22'.split(' ')).join(' ')).toBe('node app.js -p [redacted]')
    expect(show('exec python3 ./main.py -p hunter22 --host 0.0.0.0')).toBe('exec python3 ./main.py -p [redacted] --host 0.0.0.0')
    const plain = [
      'node app.js -p 3000',
      'python main.py -p 127.0.0.1:8000',
      './run.sh -p $PORT',
      'node app.js -p conf/app',
      'tsc -p web',
      'node app.js && mkdir -p dist',
    ]
    expect(plain.map((command) => showWords(command.split(' ')).join(' '))).toEqual(plain)
    expect(plain.map((command) => show(command))).toEqual(plain)
  })

  it('behind the user of a LOGIN', () => {
    expect(show('LOGIN=bob:hunter22 node server.js')).toBe('LOGIN=bob:[redacted] node server.js')
    expect(show('  FTP_LOGIN: "bob:hunter22"')).toBe('  FTP_LOGIN: "bob:[redacted]"')
    expect(show("process.env.LOGIN || 'bob:hunter22'")).toBe("process.env.LOGIN || 'bob:[redacted]'")
    const plain = [
      'LOGIN=localhost:3000',
      'LOGIN=auth.example.com:8443/login',
      'LOGIN=https://example.com/login',
      'LOGIN=bob:$PASSWORD',
      'LOGIN=/auth/login',
      'LOGIN=bob',
      "login: 'page:title'",
    ]
    expectWhole(plain)
  })

  it('behind the user under a name that code has of places too', () => {
    for (const name of ['login', 'auth', 'basic', 'userLogin', 'api.auth'])
      for (const [before, after] of [
        [`${name}: '`, `', port: 3000`],
        [`${name} = "`, '"'],
      ] as const)
        expect(show(`${before}bob:hunter22${after}`)).toBe(`${before}bob:[redacted]${after}`)
    expectWhole([
      "login: 'localhost:3000'",
      "login: 'auth.example.com:8443/login'",
      "login: '[2001:db8::1]:3000'",
      "login: '2001:db8::1'",
      "auth: 'https://example.com:8443/login'",
      "auth: 'keycloak:24.0.1'",
      "auth: 'keycloak:v24-alpine'",
      "auth: 'bob:${PASSWORD}'",
      "auth: 'urn:ietf:wg:oauth:2.0:oob'",
      "const urlAuth = parsed.auth.split(':');",
      'auth = `${proxy.user}:${decodeURIComponent(proxy.password1)}`',
      'auth = f"{user}:{config.password2}"',
      "login: 'page:title'",
      "login: 'service:/v2/login'",
      "login: 'Error 12: the second of 2'",
      "author: 'bob:hunter22'",
      "loginUrl: 'localhost:3000'",
    ])
  })

  it('that stands behind several variables', () => {
    for (const line of [
      'x = os.getenv("A_PASSWORD", os.getenv("B", "SECRET"))',
      'x = os.environ.get("A_PASSWORD", os.environ.get("B", os.getenv("C", "SECRET")))',
      'password = env("A", default=env("B", default="SECRET"))',
      'password = os.getenv("A", os.getenv("B")) or "SECRET"',
      "const x = process.env.A_PASSWORD || process.env.B || 'SECRET'",
      "const x = process.env['A_PASSWORD'] ?? (process.env.B ?? 'SECRET')",
      "x = os.environ.get('A_PASSWORD') or settings.b or 'SECRET'",
    ])
      expect(show(line.replace('SECRET', 'hunter22'))).toBe(line.replace('SECRET', '[redacted]'))
    expectWhole([
      "connect(process.env.A_PASSWORD, process.env.HOST || 'localhost')",
      "listen(process.env.PORT || config.port || 3000, process.env.HOST || config.host || '127.0.0.1')",
      "if (!process.env.A_PASSWORD || process.env.MODE === 'local') refuse()",
      "uvicorn.run(app, host=os.getenv('APP_HOST', os.getenv('HOST', '127.0.0.1')))",
      "log(getenv('A_PASSWORD'), os.getenv('HOST', '127.0.0.1'))",
    ])
  })

  it('that begins like a comparison', () => {
    for (const secret of ['or:.!-$.0', '==hunter22', '!==hunter22', '||hunter22'])
      expect(show(`proxy_set_header X-API-Key ${secret};`)).toBe('proxy_set_header X-API-Key [redacted];')
    const plain = [
      'if (password == other) return',
      'return process.env.API_KEY || fallback(3)',
      'if (apiKey !== expectedKey) refuse()',
      'a token or a name',
    ]
    expectWhole(plain)
  })

  it('and what a command reads that is none stays', () => {
    const plain = [
      'echo "$PASSWORD" | sudo -S nginx',
      'echo "app:${PASSWORD}" | chpasswd',
      'printf \'%s:%s\\n\' "$NAME" "$PASSWORD" | sudo chpasswd',
      'echo $(cat /run/secrets/registry) | docker login -u app --password-stdin registry.example.com',
      'echo "deb https://example.com stable main" | sudo tee /etc/apt/sources.list.d/example.list',
      'echo "starting" | su app -c cat',
      'echo "app:x:1000:" | tee -a /etc/passwd',
      'read -r HOST PORT <<< "0.0.0.0 3000"',
      'htpasswd -c .htpasswd admin',
      'usermod -aG docker app && zip -r app.zip app',
    ]
    expectWhole(plain)
    expect(show('htpasswd -nbB admin hunter22 > .htpasswd')).toBe('htpasswd -nbB admin [redacted] > .htpasswd')
  })

  it('and what only fetches one is none', () => {
    const plain = [
      'DB_PASSWORD=$(cat /run/secrets/db) node server.js',
      'export DB_PASSWORD="$(cat "$FILE" 2>/dev/null)"',
      'DB_PASSWORD=$(< ~/.password) node server.js',
      '"start": "DB_PASSWORD=$(pass show prod/db | head -n 1) node server.js"',
      'TOKEN=$(aws secretsmanager get-secret-value --query SecretString --output text)',
      'JWT_SECRET=$(openssl rand -base64 32 | tr -d "\\n")',
      'node server.js --token $(get-token) --port 3000',
      'sshpass -p $(cat ~/.password) ssh -p 22 root@192.0.2.1',
      'DB_PASSWORD=${DB_PASSWORD:?has to be set} node server.js',
      'API_KEY = $(shell cat .key)',
    ]
    expectWhole(plain)
    expect(show('DB_PASSWORD=$(echo hunter 22 | base64) node server.js')).toBe('DB_PASSWORD=[redacted] node server.js')
    expect(show('node server.js --token $(echo hunter 22) --port 3000')).toBe('node server.js --token [redacted] --port 3000')
    expect(show('  token: ${X:-hunter 22} # now')).toBe('  token: ${X:-[redacted]} # now')
  })

  it('and what a shell does where a variable is not set is no secret', () => {
    const plain = [
      'DB_PASSWORD=${P} node server.js || echo "failed"',
      'docker run -e "DB_PASSWORD=${P}" app || echo "failed"',
      'TOKEN=$TOKEN || "$fallback"',
      'password += characters[index]',
      'tokens += usage.total',
      'start(token: string /* of the caller */, port: number)',
      'connect(password=settings.DB_PASSWORD, host="db", port=5432)',
    ]
    expectWhole(plain)
  })

  it('with which code signs in', () => {
    expect(show('app.use(auth("admin", "hunter22"))')).toBe('app.use(auth("admin", "[redacted]"))')
    expect(show("requests.get(url, auth=('admin', 'hunter22'))")).toBe("requests.get(url, auth=('admin', '[redacted]'))")
    const plain = ['app.post(login("/login", "/home"))', 'auth("user", "none")', 'author("a", "b")']
    expect(plain.map((line) => show(line))).toEqual(plain)
  })

  it('of a user of basic authentication', () => {
    expect(show("basicAuth({users:{'admin':'hunter22'}})")).toBe("basicAuth({users:{'admin':'[redacted]'}})")
    expect(show('app.use(basicAuth({ users: { admin: "hunter 22", bob: "hunter33" }, realm: "home" }))')).toBe(
      'app.use(basicAuth({ users: { admin: "[redacted]", bob: "[redacted]" }, realm: "home" }))',
    )
    expect(show("const header = 'Basic ' + Buffer.from('admin:hunter22').toString('base64')")).toBe(
      "const header = 'Basic ' + Buffer.from('admin:[redacted]').toString('base64')",
    )
    expect(show('header = "Basic " + b64encode(b"admin:hunter22").decode()')).toBe(
      'header = "Basic " + b64encode(b"admin:[redacted]").decode()',
    )
    expect(show("const header = `Basic ${btoa('admin:hunter22')}`")).toBe("const header = `Basic ${btoa('admin:[redacted]')}`")
    const plain = [
      "const header = 'Basic ' + Buffer.from('user:password').toString('base64')",
      'const header = `Basic ${btoa(`${user}:${given}`)}`',
      "const time = Buffer.from('a:b')",
      'app.use(basicAuth({ users: loadUsers(), realm: "home" }))',
      "Buffer.from('12:30:45') // no basic auth",
      "const users = { bob: 'admin' } // a basic list",
    ]
    expectWhole(plain)
  })

  it('and what hides nothing under such an option stays', () => {
    const commands = [
      'uvicorn main:app --ssl-keyfile /etc/tls/example.key --port 8443',
      'node server.js --key server.pem --auth none --author me --passive-ports 1000-2000',
      'docker run -u 1000:1000 -p 127.0.0.1:8080:80 -p8081:80/tcp -p${PORT}:80 image',
      'docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80',
      'mkdir -p /srv/app && cp -pR a b && tar -pxzf c && ssh -p2222 host',
      'code-server --auth password --cert /etc/tls/a.crt',
      'redis-server 127.0.0.1:6379',
      'vault server -config=/etc/vault.d --key-shares 5',
      'CACHE_KEY=id KEY_DIR=/etc/keys AUTH_URL=http://127.0.0.1:9000/login node server.js',
    ]
    expectWhole(commands)
    expect(commands.map((command) => showWords(command.split(' ')).join(' '))).toEqual(commands)
  })

  it('in the words of a command', () => {
    fc.assert(
      fc.property(NAMES, QUOTED, (name, secret) => {
        for (const words of [
          ['node', 'server.js', `--${name}`, secret, '--port', '3000'],
          ['node', 'server.js', `--${name}=${secret}`],
          ['env', `${name.replaceAll('-', '_')}=${secret}`, 'node'],
          ['curl', '-H', `X-API-Key: ${secret}`, 'http://127.0.0.1'],
          ['/usr/bin/mysqldump', `-p${secret}`, 'app'],
          ['redis-cli', '-a', secret],
          ['curl', '-u', `me:${secret}`, 'http://127.0.0.1'],
        ])
          expect(leaks(showWords(words).join(' '), secret, words.join(' ').replaceAll(secret, '')), words.join(' ')).toBe(false)
      }),
      { numRuns: RUNS },
    )
  })
})

describe('C5 · what schemas and parsers of settings give a secret by default', () => {
  const SECRET = 'kitten-Basket9'
  it.each([
    `JWT_SECRET: z.string().default('${SECRET}'),`,
    `JWT_SECRET: Joi.string().min(3).default('${SECRET}'),`,
    `JWT_SECRET: str({ default: '${SECRET}' }),`,
    `jwtSecret: { format: String, default: '${SECRET}' },`,
    `.option('password', { type: 'string', default: '${SECRET}' })`,
    `@click.option('--token', '-t', default='${SECRET}')`,
    `flag.StringVar(&token, "token", "${SECRET}", "what it is")`,
    `demo.launch(server_name="0.0.0.0", auth=[("admin", "${SECRET}")])`,
    `BASIC_AUTH_USERS=admin:${SECRET}`,
    `--label "traefik.http.middlewares.a.basicauth.users=admin:${SECRET}"`,
  ])('%s', (line) => {
    expect(String(show(line))).not.toContain(SECRET)
  })

  it('and not what they give another', () => {
    expectWhole([
      `HOST: z.string().default('0.0.0.0'),`,
      `token: str(), HOST: str({ default: '0.0.0.0' }),`,
      `jwtSecret: process.env.JWT_SECRET, host: z.string().default('127.0.0.1')`,
      `const PASSWORD = args.password; listen(3000, args.default("0.0.0.0"))`,
    ])
  })
})

describe('C5 · random texts, wherever they stand', () => {
  it('but the names of temporary folders, whatever their letters', () => {
    for (const path of ['/tmp/sp-cli-s2uS4L', '/tmp/sallyport-folder-z0F6uZ', '/var/tmp/build-9o4Z6V/src', '/tmp/sp-cli-a1B2c3/kept.yaml'])
      expect(String(show(`sallyport init ${path}`))).toBe(`sallyport init ${path}`)
    for (const secret of ['a1B2c3D4-s2uS4L-k9Q0', '/s2uS4Lz0F6uZ9o4Z6V', 'key-s2uS4Lz0F6uZ9o4Z6V'])
      expect(String(show(`login ${secret}`))).not.toContain(secret)
  })

  it('are hidden from 16 letters and digits on, as no name is', () => {
    for (const random of ['Zq8vK3xW7pLm2Rt9', 'hT9xK2mQ7vLp4RzWb3']) {
      expect(String(show(`new Sequelize('app', 'admin', '${random}')`))).toBe("new Sequelize('app', 'admin', '[redacted]')")
      expect(String(show(`docker run -p 2222:22 example/sftp foo:${random}:1001`))).not.toContain(random)
    }
    expectWhole(['x86_64-linux-gnu-Release2', 'TypeScript5ReactApp', 'register_V2_Handler1', 'node20-alpine3-Amd64', 'IPv4AndIPv6Address'])
  })
})
