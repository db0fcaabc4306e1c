import type { Module } from '../source/module.ts'

/** How a file is written, as far as what is added to it has to be written alike. */
export interface Style {
  readonly quote: "'" | '"'
  readonly semicolon: '' | ';'
  /** What a name is declared with: built output of old targets knows no `const`. */
  readonly declares: 'const' | 'var'
  /** `process.env.HOST`, `process.env['HOST']`, `Deno.env.get('HOST')`. */
  variable(name: string): string
  text(value: string): string
}

const count = (content: string, pattern: RegExp): number => content.match(pattern)?.length ?? 0

export function styleOf(module: Module, framework: string): Style {
  const { content } = module.file
  const quote = count(content, /"/g) > count(content, /'/g) ? '"' : "'"
  const ended = count(content, /;[ \t]*(?:\/\/.*)?\r?$/gm)
  const open = count(content, /[\w)\]'"`][ \t]*\r?$/gm)
  const text = (value: string): string => `${quote}${value}${quote}`
  const subscript = /\bprocess\.env\[\s*(['"])/.exec(content)
  const variable = (name: string): string => {
    if (framework === 'deno') return `Deno.env.get(${text(name)})`
    if (framework === 'bun' && /\bBun\.env\./.test(content)) return `Bun.env.${name}`
    return subscript !== null && !/\bprocess\.env\.\w/.test(content) ? `process.env[${text(name)}]` : `process.env.${name}`
  }
  return {
    quote,
    semicolon: ended > 0 && ended * 3 >= open ? ';' : '',
    declares: /\b(?:const|let)\s/.test(content) || !/\bvar\s/.test(content) ? 'const' : 'var',
    variable,
    text,
  }
}
