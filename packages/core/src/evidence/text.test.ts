import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Text } from './text.ts'

describe('Text', () => {
  it('knows lines that end with LF, CRLF or CR', () => {
    const text = new Text('a.txt', 'one\ntwo\r\nthree\rfour')
    expect([1, 2, 3, 4, 5].map((number) => text.line(number))).toEqual(['one', 'two', 'three', 'four', ''])
    expect(text.position(4)).toEqual({ line: 2, column: 1, offset: 4 })
    expect(text.position(15)).toEqual({ line: 4, column: 1, offset: 15 })
  })

  it('gives every offset the line and column that counting gives', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'é', '💥', '\n', '\r', '\r\n'), { maxLength: 30 }), (parts) => {
        const content = parts.join('')
        const text = new Text('a.txt', content)
        let line = 1
        let column = 1
        for (let offset = 0; offset <= content.length; offset++) {
          expect(text.position(offset)).toEqual({ line, column, offset })
          const ends = content[offset] === '\n' || (content[offset] === '\r' && content[offset + 1] !== '\n')
          column = ends ? 1 : column + 1
          if (ends) line++
        }
      }),
    )
  })
})

/** What is shown of the only line that has `mark`. */
function shownAt(path: string, content: string, mark: string): string {
  return new Text(path, content).origin(content.indexOf(mark), content.indexOf(mark) + 1).line
}

describe('C5 · a line is shown with the lines above it in mind', () => {
  const body = 'MIIEpAIBAAKCAQEA7bq3k2/Zx8mB0s9kLq4+PqkZ1Y3u2vVwq0kfS1cJX7Q5hTgD'
  it.each([
    ['a key of several lines', 'key.pem', `-----BEGIN PRIVATE KEY-----\n${body}\nhunter2\n-----END PRIVATE KEY-----\n`],
    ['a key in a program', 'a.js', `const key = \`-----BEGIN RSA PRIVATE KEY-----\n${body}\nhunter2==\n-----END RSA PRIVATE KEY-----\``],
    ['a block of YAML', 'a.yaml', 'db:\n  password: |\n    my long\n    hunter2 phrase\n  port: 1\n'],
    ['a folded block', 'a.yml', 'db:\n  password: >-\n    hunter2 phrase\n'],
    ['a value on the next line', 'a.yaml', 'password:\n  hunter2\n'],
    ['a list', 'a.yaml', 'tokens:\n  - one\n  - hunter2\n'],
    ['a value that follows its sign', 'a.ts', "const password =\n  'hunter2'\n"],
    ['a default', 'a.ts', "const password = process.env.DB_PASSWORD ||\n  'hunter2'\n"],
    ['an argument', 'a.py', 'os.getenv("DB_PASSWORD",\n  "hunter2")\n'],
    ['an array of texts', 'a.js', "secret: [\n  'one',\n  'hunter2',\n]\n"],
    ['an option', 'ecosystem.config.js', "args: [\n  '--password',\n  'hunter2',\n]\n"],
    ['a list of options', 'compose.yaml', 'command:\n  - --password\n  - hunter2\n'],
    ['a name and a value', 'deployment.yaml', 'env:\n  - name: DB_PASSWORD\n    value: hunter2\n'],
    ['blanks in a value of .env', '.env', 'DB_PASSWORD=a hunter2 phrase\n'],
    ['blanks in a value of .env.production', 'app/.env.production', 'export DB_PASSWORD=a hunter2 phrase # x\n'],
    ['blanks in a value of YAML', 'compose.yaml', 'environment:\n  DB_PASSWORD: a hunter2 phrase\n'],
    ['blanks in an item of YAML', 'compose.yaml', 'environment:\n  - DB_PASSWORD=a hunter2 phrase\n'],
    ['a comment', '.env', '# DB_PASSWORD=a hunter2 phrase\n'],
    ['TOML', 'a.toml', 'password = a hunter2 phrase\n'],
    ['users of basic authentication', 'a.js', "app.use(basicAuth({\n  challenge: true,\n  users: { 'admin': 'hunter2' },\n}))\n"],
    ['a user of basic authentication', 'a.js', "app.use(basicAuth({\n  users: {\n    bob: 'x1',\n    admin: 'hunter2',\n  },\n}))\n"],
    ['a shell’s continued line', 'a.sh', 'node a.js --password \\\n  hunter2\n'],
  ])('%s', (_, path, content) => {
    expect(shownAt(path, content, 'hunter2')).not.toContain('hunter2')
  })

  it.each([
    ['a.ts', "const { password, host } = config\nserver.listen(3000, '0.0.0.0') //mark", 'mark'],
    ['a.ts', 'app.use(session({ secret: config.secret }))\napp.listen(3000) //mark', 'mark'],
    ['compose.yaml', 'secrets:\n  - mark\n', 'mark'],
    ['compose.yaml', 'secrets:\n  db_password:\n    file: ./mark.txt\n', 'mark'],
    ['compose.yaml', '  DB_PASSWORD: ${DB_PASSWORD}\n  ports:\n    - "3000:3000" #mark', 'mark'],
    ['.env', 'DB_PASSWORD=x\nHOST=0.0.0.0 #mark\n', 'mark'],
    ['.env', 'DB_PASSWORD=$OTHER_mark\n', 'mark'],
    ['package.json', '"reset-password": "node reset-password.js",\n"remove": "node remove.js",\n"start": "node mark.js",\n', 'mark'],
    ['a.js', "app.use(basicAuth({\n  users: {\n    bob: 'x1',\n  },\n  realm: 'mark',\n}))\n", 'mark'],
    ['a.js', "app.use(basicAuth({\n  users: { bob: 'x1' },\n  realm: 'mark',\n}))\n", 'mark'],
    ['a.js', "const seed = {\n  users: { name: 'mark' },\n}\n", 'mark'],
    ['run.sh', 'DB_PASSWORD=x HOST=0.0.0.0 node mark.js\n', 'mark'],
  ])('%s: what is no secret stays: %j', (path, content, mark) => {
    expect(shownAt(path, content, mark)).toContain('mark')
  })
})
