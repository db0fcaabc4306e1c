import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FUZZ } from '../../../test/fuzz.ts'
import { ENCODED, expectWhole, leaks, NAMES, PLAIN, QUOTED, WORD } from '../../../test/secrets.ts'
import { show, showWords } from '../shown.ts'

describe('C5 · a secret never survives being shown in a command', () => {
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
      { numRuns: FUZZ },
    )
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
      { numRuns: FUZZ },
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
})
