import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasSecret, printable, SHOWN_LENGTH, show, showWords } from './index.ts'

const ID = '3f2a9c8b7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a'

describe('show', () => {
  it('leaves ordinary lines as they are', () => {
    const lines = [
      "app.listen(3000, '0.0.0.0', () => console.log(`Server running on http://${HOST}:${PORT}`))",
      'const password = process.env.DB_PASSWORD',
      'password: config.db.password, port: 3000',
      "const tokenizer = require('./tokenizer'), KEYBOARD = 'qwerty'",
      'for (const token of tokens) app.listen(token.port)',
      'function sign(token: string, port: number): string {',
      '// the password is checked by the middleware before the token is used',
      "import { verifyToken, hashPassword } from './auth.js'",
      "app.post('/login', validatePassword, (req, res) => res.json({ token: sign(req.user) }))",
      'MAX_TOKENS=4096 TOKEN_TTL=3600 PASSWORD_MIN_LENGTH=8 PASSPORT_PORT=3000',
      'POSTGRES_PASSWORD_FILE=/run/secrets/db_password',
      '- DB_PASSWORD=${DB_PASSWORD}',
      'DB_PASSWORD: ${{ secrets.DB_PASSWORD }}',
      'proxy_pass http://127.0.0.1:3000;',
      'proxy_set_header Authorization $http_authorization;',
      'auth_basic "Restricted"; auth_basic_user_file /etc/nginx/.htpasswd;',
      'ssl_certificate_key /etc/letsencrypt/live/example.com/privkey.pem;',
      'limit_req_zone $binary_remote_addr zone=token:10m rate=10r/s;',
      'tcp dport { 22, 80, 443 } ct state new limit rate 10/second counter packets 0 bytes 0 accept comment "web"',
      'ip6 saddr 2001:db8:85a3:0000:0000:8a2e:0370:7334 meta mark & 0x0000ffff == 0x00000001 drop',
      '-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT',
      '-A PREROUTING -m mark --mark 0x0000ffff/0x0000ffff -j KUBE-SVC-ERIFXISQEP7F7OF4',
      'docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80',
      `containerd-shim-runc-v2 -namespace moby -id ${ID} -address /run/containerd/containerd.sock`,
      `/sys/fs/cgroup/system.slice/docker-${ID}.scope`,
      `/var/lib/docker/containers/${ID}/hostname`,
      `image: nginx@sha256:${ID}`,
      `uses: actions/checkout@${ID.slice(0, 40)}`,
      '"integrity": "sha512-2lAhjpzp1AyfjQHTVqPvzMd4NhTxt8Lpo9C5U4wZ7w5xq8WmYg9mcDo4rFvYj2vQh0Pq8L1rJ3m1Yc5c7c0Zyw=="',
      '/srv/app/123e4567-e89b-12d3-a456-426614174000/config.json',
      'https://unpkg.com/react@18/umd/react.js http://localhost:3000/@vite/client',
      '/usr/share/java/slf4j-log4j12 /usr/lib/x86_64-linux-gnu/libQt5Core.so.5.15.8 node_modules/@scope/http2-server/lib/ipv6.js',
      'createServerWithHttp2SupportForIpv6Addresses(defaultConfigurationOptions2024)',
      'com.docker.compose.project.config_files=/srv/app/docker-compose.prod.yml',
      'docker run -p 127.0.0.1:3000:3000 --name app image:1',
      'mysqldump -u root -p app',
      'Basic authentication is off, Bearer tokens are checked',
      '<input type="password" name="password">',
    ]
    expect(lines.map((line) => String(show(line)))).toEqual(lines)
  })

  it('C5 · hides credentials by their shape', () => {
    const random = 'aB3dE6gH9jK2mN5pQ8sT1vW4'
    const credentials = [
      'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
      `AKIA${'ABCDEFGH12345678'}`,
      `ghp_${random}`,
      `github_pat_${random}`,
      `glpat-${random}`,
      `sk-${random}`,
      `sk_live_${random}`,
      `whsec_${random}`,
      `SG.${random}.${random}`,
      `xoxb-1234567890-${random}`,
      `AIza${random}${random}`,
      `AC${ID.slice(0, 32)}`,
      `npm_${random}${random}`,
      `123456789:AA${random}${random}`,
      `hf_${random}`,
      `dop_v1_${ID}`,
      `$2y$10$${random}`,
      `$apr1$salt$${random}`,
      `{SHA}${random}=`,
      `AGE-SECRET-KEY-1${random.toUpperCase()}`,
    ]
    for (const credential of credentials) {
      expect(show(`app.listen(3000) // ${credential} here`)).toBe('app.listen(3000) // [redacted] here')
      expect(hasSecret(credential)).toBe(true)
    }
    expect(show(`https://hooks.slack.com/services/T01/B02/${random}`)).toBe('https://hooks.slack.[redacted]')
  })

  it('C5 · hides a private key to its end, and no more', () => {
    const key = '-----BEGIN RSA PRIVATE KEY-----\\nMIIEpAIBAAKCAQEA7bq3\\n-----END RSA PRIVATE KEY-----'
    expect(show(`key = "${key}"; app.listen(3000)`)).toBe('key = "[redacted]"; app.listen(3000)')
    expect(show(`-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\naC1rZXk`)).toBe('[redacted]')
  })

  it('keeps what stands beside a secret', () => {
    expect(show(`app.listen({ password: 'x y', host: '0.0.0.0', port: 3000 })`)).toBe(
      `app.listen({ password: '[redacted]', host: '0.0.0.0', port: 3000 })`,
    )
    expect(show('"start": "JWT_SECRET=hunter2 HOST=0.0.0.0 node server.js"')).toBe(
      '"start": "JWT_SECRET=[redacted] HOST=0.0.0.0 node server.js"',
    )
    expect(show('postgres://app:hunter2@db:5432/app')).toBe('postgres://[redacted]@db:5432/app')
    expect(show('Server=db;Password=hunter2;Port=5432')).toBe('Server=db;Password=[redacted];Port=5432')
    expect(show('DB_PASSWORD=${DB_PASSWORD:-hunter2}')).toBe('DB_PASSWORD=${DB_PASSWORD:-[redacted]}')
    expect(show("const s = process.env.JWT_SECRET || 'hunter2'")).toBe("const s = process.env.JWT_SECRET || '[redacted]'")
  })

  it('C5 · no control, format or direction character passes', () => {
    const shown = show('a\u001b[31mb\u0007\r\n\u009b2J\u202ec\u2066d\u200be\ufefff\u2028g\ud800h\u{e0041}i')
    expect(shown).toBe('a\\u{1b}[31mb\\u{7}\\u{d}\\u{a}\\u{9b}2J\\u{202e}c\\u{2066}d\\u{200b}e\\u{feff}f\\u{2028}g\\u{d800}h\\u{e0041}i')
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(show(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/)
      }),
    )
    expect(show('a\tb é ü 漢 💥')).toBe('a b é ü 漢 💥')
    expect(printable('name\u001b[2J password=x')).toBe('name\\u{1b}[2J password=x')
  })

  it('is never longer than asked for, and never ends in half a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), fc.integer({ min: 5, max: 200 }), (text, limit) => {
        const shown = show(text, limit)
        expect(shown.length).toBeLessThanOrEqual(limit)
        expect(shown).not.toMatch(/\p{Cs}/u)
      }),
    )
    expect(show('x'.repeat(199))).toHaveLength(199)
    expect(show('x '.repeat(500))).toHaveLength(SHOWN_LENGTH)
  })

  it('changes nothing that it made itself', () => {
    const lines = [
      'password: hunter2',
      "password = 'a b', b",
      '--token=x y',
      'TOKEN=[a, b]',
      'curl -u a:b',
      'postgres://a:b@c/d',
      `x ${ID}`,
    ]
    for (const line of lines) expect(show(show(line))).toBe(show(line))
  })

  it('C5 · half a secret at the cut is not shown', () => {
    const token = `ghp_${'aB3dE6gH9j'.repeat(3)}`
    // What is hidden before makes room for what stands at the end of the window.
    for (let filler = 700; filler < 800; filler++) {
      const line = `password="${'x'.repeat(filler)}" ${token} end`
      expect(show(line), String(filler)).not.toMatch(/ghp_a|aB3dE6/)
    }
  })

  it('takes no longer for hostile lines of a megabyte', () => {
    const units = [
      'a',
      ' ',
      '"',
      "'",
      '=',
      ':',
      ',',
      '(',
      '[',
      '{',
      '\\',
      '/',
      '-',
      '%2F',
      'password',
      'password=',
      'password="',
      "key:'",
      'key: ',
      'token ',
      'eyJ-',
      'eyJaaaaaaaa.',
      '-----BEGIN RSA PRIVATE KEY',
      'a://b:',
      '://a@',
      'Basic ',
      'a-',
      'a.',
      'password=(',
      'password[',
      '${token:-',
      'docker login -p ',
      'mysql -p',
      '0123456789abcdef',
      'aB3/',
      'token:string|',
      'name: password, value: ',
      '<password>',
      '--password ',
      '\\"password\\":\\"',
      'curl -u "',
      'secret=a?b:',
      "token||'a'||",
      'token=$(',
      'token="$(',
      "token=$('",
      'token=${a:-',
      '--auth $(a ',
      'token=$(cat a ',
      'token=$(cat a)',
      "token=cfg.a||'",
      'token /* a',
      'echo a|sudo ',
      'echo "',
      '|sudo ',
      'read token <<<',
      'htpasswd -b ',
      "basic auth users: { a: '",
      "basic auth btoa('a:",
      'token=/* a */',
      'cookieParser("',
      'jwt.sign(a',
      'secret=new ',
      'os.getenv("TOKEN", ',
      'token=os.getenv("A", ',
      'process.env.TOKEN || ',
      "auth: 'a:",
      'aA1',
      '\u202e',
    ]
    const slow = units.flatMap((unit) => {
      const line = unit.repeat(Math.ceil(1_048_576 / unit.length))
      const shown = fastest(() => show(line))
      // Values are looked at whole: ten times the text may take thirty times as long, a hundred times would be its square.
      const [short, long] = [line.slice(0, 10_000), line.slice(0, 100_000)]
      const [few, many] = [fastest(() => hasSecret(short)), fastest(() => hasSecret(long))]
      return shown > 150 || many > 30 * few + 100 ? [`${unit}: ${shown | 0} ms, ${few | 0} ms, ${many | 0} ms`] : []
    })
    expect(slow).toEqual([])
  })
})

/** Milliseconds of this process alone, whatever else the machine does. */
function fastest(run: () => unknown): number {
  const times = [1, 2, 3].map(() => {
    const before = process.cpuUsage()
    run()
    return process.cpuUsage(before).user / 1000
  })
  return Math.min(...times)
}

describe('C5 · the words of a command', () => {
  it.each([
    [['node', 'server.js', '--password', 'hunter2', '--port', '3000'], 'node server.js --password [redacted] --port 3000'],
    [['node', 'server.js', '--api-key=a b', '--host', '0.0.0.0'], 'node server.js --api-key=[redacted] --host 0.0.0.0'],
    [['node', '--password', '--port', '3000'], 'node --password --port 3000'],
    [['node', '--no-password', 'x', '--token-ttl', '60'], 'node --no-password x --token-ttl 60'],
    [['/usr/bin/mysql', '-u', 'root', '-phunter2', 'app'], '/usr/bin/mysql -u root -p[redacted] app'],
    [['mysql', '-p', 'app', '-P3306'], 'mysql -p app -P3306'],
    [['sshpass', '-p', 'hunter2', 'ssh', '-p', '22', 'root@192.0.2.1'], 'sshpass -p [redacted] ssh -p 22 root@192.0.2.1'],
    [['redis-server', '*:6379', '--requirepass', 'hunter2'], 'redis-server *:6379 --requirepass [redacted]'],
    [['curl', '-H', 'X-API-Key: a b', 'http://127.0.0.1:3000'], 'curl -H X-API-Key: [redacted] http://127.0.0.1:3000'],
    [['sh', '-c', 'DB_PASSWORD="a b" node server.js --token x'], 'sh -c DB_PASSWORD="[redacted]" node server.js --token [redacted]'],
    [['docker', 'run', '-p', '80:80', '-e', 'DB_PASSWORD=a b', 'image'], 'docker run -p 80:80 -e DB_PASSWORD=[redacted] image'],
    [['docker', 'login', '-p', 'hunter2'], 'docker login -p [redacted]'],
    [['htpasswd', '-b', '.htpasswd', 'me', 'hunter2'], 'htpasswd -b .htpasswd me [redacted]'],
    [['nginx: master process nginx -c /etc/nginx/nginx.conf'], 'nginx: master process nginx -c /etc/nginx/nginx.conf'],
    [['uvicorn', 'main:app', '--host', '0.0.0.0', '--port', '8000'], 'uvicorn main:app --host 0.0.0.0 --port 8000'],
  ])('%j', (words, shown) => {
    expect(showWords(words).join(' ')).toBe(shown)
  })
})
