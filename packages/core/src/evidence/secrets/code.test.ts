import { describe, expect, it } from 'vitest'
import { expectWhole } from '../../../test/secrets.ts'
import { show } from '../shown.ts'

describe('C5 · a secret never survives being shown in code', () => {
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
