import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FUZZ } from '../../../test/fuzz.ts'
import { ENCODED, IDENTIFIERS, leaks, NAMES, PLAIN, QUOTED, WORD } from '../../../test/secrets.ts'
import { show } from '../shown.ts'

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

function holds(templates: readonly Template[], names: fc.Arbitrary<string>, secrets: fc.Arbitrary<string>): void {
  fc.assert(
    fc.property(fc.constantFrom(...templates), names, secrets, AROUND, (template, name, secret, around) => {
      const line = around + template(name, secret)
      const shown = show(line)
      for (const trace of traces(secret)) expect(shown, line).not.toContain(trace)
      expect(leaks(shown, secret, around + template(name, '')), `${line}\n${shown}`).toBe(false)
    }),
    { numRuns: FUZZ },
  )
}

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
})
