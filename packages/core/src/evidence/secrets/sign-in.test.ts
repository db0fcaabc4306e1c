import { describe, expect, it } from 'vitest'
import { show } from '../index.ts'

describe('C5 · what code signs in with', () => {
  it.each([
    `bot.login('HIDDEN')`,
    `await this.bot.login( "HIDDEN" )`,
    `server.login("me@example.com", "HIDDEN")`,
    `smtp.login(user, 'HIDDEN')`,
    `redis.auth('HIDDEN')`,
    `new Sequelize('app', 'admin', 'HIDDEN', { host: '127.0.0.1' })`,
    `pymysql.connect('127.0.0.1', 'root', 'HIDDEN', 'app')`,
    `redis.Redis('127.0.0.1', 6379, 0, 'HIDDEN')`,
    `smtp.PlainAuth("", "bob", "HIDDEN", "mail.example.com")`,
    `twilio('AC1234', 'HIDDEN')`,
    `require('asterisk-manager')('5038', '127.0.0.1', 'bob', 'HIDDEN', true)`,
    `request.basic_auth 'bob', 'HIDDEN'`,
    `users = { admin: 'HIDDEN' }`,
    `users: { admin: 'x1', bob: "HIDDEN" },`,
    `gin.BasicAuth(gin.Accounts{"admin": "HIDDEN"})`,
    'mosquitto_passwd -b passwords bob HIDDEN',
    'rabbitmqctl add_user bob HIDDEN',
    'user default on >HIDDEN ~* +@all',
  ])('is hidden: %s', (line) => {
    for (const password of ['wolfsbane', 'moonlight-serenade', 'Zx9!k'])
      expect(String(show(line.replace('HIDDEN', password)))).toContain('[redacted]')
    expect(String(show(line.replace('HIDDEN', 'wolfsbane')))).not.toContain('wolfsbane')
  })

  it.each([
    `users: { name: 'string', role: 'admin' }`,
    `app.use('/auth', 'login')`,
    `Redis('127.0.0.1', 6379, 0)`,
    `const accounts = { host: '127.0.0.1' }`,
    `app.listen(3000, '127.0.0.1')`,
    'user bob on 2024-01-01',
  ])('and what only looks alike is shown: %s', (line) => {
    expect(String(show(line))).toBe(line)
  })
})
