import { describe, expect, test } from 'vitest'
import { goldenFile, readFolder, showEvidence } from '../../../test/reader.ts'
import { shell } from './index.ts'
import { effortOf, filler } from '../../../test/effort.ts'

const cases = await goldenFile(`${import.meta.dirname}/golden/reader.txt`, async (files) => {
  const { evidence } = await readFolder(shell, files)
  return evidence.map(showEvidence).join('\n')
})

describe('shell scripts of a folder', () => {
  for (const { title, expected, actual } of cases) test(title, () => expect(actual).toBe(expected))
})

describe('hostile scripts', () => {
  const SIZE = 1 << 18
  const fill = filler(SIZE)
  test.each([
    ['a long word', fill('a')],
    ['a long quoted word', `"${fill('a ')}"`],
    ['open parentheses', fill('(')],
    ['open substitutions', fill('$(')],
    ['open substitutions in quotes', fill('"$(')],
    ['open expansions', fill('${a:-')],
    ['backticks', fill('`a` ')],
    ['backticks with open quotes', fill("`'` ")],
    ['backticks with open brackets', fill('`${a[` ')],
    ['arithmetic', fill('$((')],
    ['ifs', fill('if a; then ')],
    ['nested loops', fill('while a; do ')],
    ['functions', fill('f() { g; }\n')],
    ['many functions', Array.from({ length: SIZE / 16 }, (_, index) => `f${index}() { a; }\n`).join('')],
    ['calls', `f() { a; }\n${fill('f\n')}`],
    [
      'doubling calls',
      `a0() { x; }\n${Array.from({ length: 200 }, (_, index) => `a${index + 1}() { a${index}; a${index}; }\n`).join('')}a200`,
    ],
    ['variables', Array.from({ length: SIZE / 16 }, (_, index) => `v${index}=${index}\n`).join('')],
    ['a doubling variable', `a=xxxxxxxx\n${fill('a=$a$a\n')}`],
    ['branches on variables', fill('if a; then b=1; else b=2; fi\n')],
    ['chains', fill('a && b || c\n')],
    ['pipes', fill('a | ')],
    ['here-documents', fill('a <<E\n')],
    ['here-documents in one line', fill('a <<E ')],
    ['here-documents that are written', fill('cat > a.service <<E\n[Service]\nExecStart=$x\nE\n')],
    ['files that are changed', fill('sed -i s/abc/$x/ a.js\n')],
    ['one file that is changed', `sed -i '${fill('s/abc/def/;').slice(0, 4000)}' ${fill('a.js ')}`],
    ['scripts that are written and run', fill('echo "bash b.sh" >> b.sh; bash b.sh\n')],
    ['aliases', `alias a='b '\n${fill('a x y z\n')}`],
    ['an alias of itself', `alias a='a; a'\n${fill('a\n')}`],
    ['traps', fill("trap 'a; b; trap c EXIT' EXIT\n")],
    ['parallel commands', fill('parallel {}{}{} ::: a b c d\n')],
    ['one here-document that is written', `cat > a.service <<E\n${fill('${a:-$(b)} ')}`],
    ['scripts of sudo that write', fill("sudo sh -c 'cat > a.service <<E\n$x\nE\n'\n")],
    ['assignments', fill('a=1 ')],
    ['arrays', fill('a+=(b c)\n')],
    ['a long loop', `for x in ${fill('a ')}; do b; done`],
    ['nested loops over words', `${fill('for x in a b c d; do ').slice(0, 1000)}x`],
    ['braces', fill('{a,b}')],
    ['cases', fill('case a in a) ')],
    ['comments', fill('#\n')],
    ['newlines', fill('\n')],
    ['closing words', fill('fi ')],
    ['closing parentheses', fill(') ')],
    ['conditions', fill('[[ ')],
    ['secrets in flags', fill('--password x ')],
    ['open words that are exported', fill('export $(grep ')],
    ['files that are read in, which ones is not known', fill('a=b\n. "$x"\n')],
    ['variables, and files that may set them', `${Array.from({ length: 600 }, (_, index) => `v${index}=x\n`).join('')}${fill('. $x\n')}`],
    ['a script that reads itself in', fill('. ./x.sh\n')],
    ['a script that evaluates itself', fill('eval "$(cat x.sh)"\n')],
    ['loops over the lines of a file', fill('while read l; do export "$l"; done < x.sh\n')],
    ['lines of a file that are exported', fill('export $(cat x.sh)\n')],
    ['loops over files', fill('for f in *.sh; do . "$f"; done\n')],
    ['questions for files', fill('[ -f x.sh ] && ')],
    ['what is left of a text', `a=${'x/'.repeat(2000)}\n${fill('b=${a%%/*}${a##*/}\n')}`],
    ['joined words that are evaluated', fill('eval "a $x; b"\n')],
    ['texts that are evaluated in one another', `a='eval "$x; $a"'\n${fill('eval "$x; $a"\n')}`],
    ['a long ufw line', `ufw allow ${fill('from x ')}`],
    ['a long docker line', `docker run ${fill('-p 80:80 ')}`],
  ])(
    '%s, a quarter of a megabyte of it',
    async (_, text) => expect(await effortOf(() => readFolder(shell, new Map([['x.sh', text]])))).toBeLessThan(5_000),
    60_000,
  )

  test('C4 · what one script leads to is followed so far, and the scripts beside it as well', async () => {
    const { evidence } = await readFolder(
      shell,
      new Map([
        ['a.sh', 'sh b.sh\n'.repeat(150)],
        ['b.sh', 'node x.js\n'.repeat(150)],
        ['c.sh', 'sh d.sh\n'],
        ['d.sh', 'node server.js\n'],
        ['server.js', ''],
        ['x.js', ''],
      ]),
    )
    const gaps = evidence.flatMap(({ claim }) => (claim.claim === 'gap' ? [claim.what] : []))
    expect(gaps).toContain('too many commands to follow: those from here on are left out')
    const started = evidence.flatMap(({ claim }) => (claim.claim === 'launch' ? [claim.entry] : []))
    expect(started).toContain('server.js')
  })
})
