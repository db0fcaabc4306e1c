import type { Policy } from '../../policy/policy.ts'
import type { FileState } from '../system.ts'
import type { Difference, WriteOptions, Writer, Written, WrittenFile } from '../write.ts'
import { mermaidText } from './mermaid.ts'
import type { Picture } from './picture.ts'
import { pictureOf } from './policy.ts'
import { svgText } from './svg.ts'

function drawer(path: string, textOf: (picture: Picture) => string, factsIn: (text: string) => readonly string[]): Writer {
  const draw = (picture: Picture): Written =>
    picture.hosts.length === 0
      ? {
          kind: 'refused',
          why: 'there is no service to draw',
          next: 'declare services in the policy, or look at a folder or machine that has some',
        }
      : { kind: 'written', files: [{ path, text: textOf(picture) }], notes: [] }
  return {
    draw,
    write: (policy: Policy, { service, host }: WriteOptions) =>
      service === undefined
        ? draw(pictureOf(policy, host))
        : { kind: 'refused', why: 'a diagram is of all services', next: 'leave out the service; --host draws those of one host' },
    compare: (wanted: readonly WrittenFile[], there: (path: string) => FileState) =>
      wanted.flatMap((file): readonly Difference[] => {
        const state = there(file.path)
        if (state.kind !== 'text') return [{ what: file.path, wanted: 'a file' }]
        const [ours, theirs] = [factsIn(file.text), factsIn(state.text)]
        return [
          ...ours.filter((fact) => !theirs.includes(fact)).map((fact) => ({ what: file.path, wanted: fact })),
          ...theirs.filter((fact) => !ours.includes(fact)).map((fact) => ({ what: file.path, there: fact })),
        ]
      }),
  }
}

/** What the picture says in words; where things stand says nothing. */
const described = (text: string): readonly string[] =>
  (/<desc[^>]*>([^<]*)<\/desc>/.exec(text)?.[1] ?? '').split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))

const lines = (text: string): readonly string[] =>
  text.split('\n').flatMap((line) => (line.trim() === '' || line.trim().startsWith('%%') ? [] : [line.trim()]))

export const svgWriter: Writer = drawer('sallyport.svg', svgText, described)
export const mermaidWriter: Writer = drawer('sallyport.mmd', mermaidText, lines)
