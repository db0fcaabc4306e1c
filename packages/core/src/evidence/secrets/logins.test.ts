import { describe, expect, it } from 'vitest'
import { expectWhole } from '../../../test/secrets.ts'
import { show } from '../shown.ts'

describe('C5 · a password never survives being shown', () => {
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
})
