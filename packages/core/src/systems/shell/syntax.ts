/** What a shell script says (POSIX.1-2017 XCU §2, with bash's additions), before anything is expanded. Offsets are into the passage that was parsed; ends are exclusive. */

export interface Place {
  readonly start: number
  readonly end: number
}

/** One stretch of a word. `quoted`: it is neither split at blanks nor expanded as a pattern. */
export type Part = TextPart | ParameterPart | SubstitutionPart | OpaquePart

export interface TextPart extends Place {
  readonly kind: 'text'
  readonly text: string
  readonly quoted: boolean
}

export interface ParameterPart extends Place {
  readonly kind: 'parameter'
  readonly name: string
  readonly quoted: boolean
  /** `[@]` or `[*]` of an array. */
  readonly all: boolean
  /** `:-`, `-`, `:=`, `=`, `:?`, `?`, `:+`, `+`; any other operator (`%`, `##`, `/` …) as it is written. */
  readonly operator?: string
  readonly operand?: WordSyntax
}

/** `$(…)` and backticks; `process`: `<(…)`, `>(…)`. */
export interface SubstitutionPart extends Place {
  readonly kind: 'substitution'
  readonly quoted: boolean
  readonly process: boolean
  readonly body: Node
}

/** Something that is not followed: arithmetic, a damaged expansion. */
export interface OpaquePart extends Place {
  readonly kind: 'opaque'
  readonly reason: string
}

export interface WordSyntax extends Place {
  readonly parts: readonly Part[]
}

export interface Assignment extends Place {
  readonly name: string
  /** `+=`. */
  readonly append: boolean
  /** A list for `NAME=(…)`. */
  readonly value: WordSyntax | readonly WordSyntax[]
  /** `NAME[…]=`: one element, which one is not followed. */
  readonly element: boolean
}

/** What a command is given to read. */
export type Input =
  /** `< FILE`. */
  | { readonly kind: 'file'; readonly word: WordSyntax }
  /** `<<< WORD`. */
  | { readonly kind: 'text'; readonly word: WordSyntax }
  /** A here-document. `literal`: its delimiter is quoted, nothing in it is expanded. `tabs`: `<<-`, those before its lines are no part of it. */
  | (Place & { readonly kind: 'document'; readonly literal: boolean; readonly tabs: boolean })

/** `> FILE`, `>> FILE`. */
export interface Output {
  readonly word: WordSyntax
  readonly append: boolean
}

export type Node =
  | (Place & {
      readonly kind: 'command'
      readonly assignments: readonly Assignment[]
      readonly words: readonly WordSyntax[]
      readonly input?: Input | undefined
      /** The files that take what it prints. */
      readonly outputs?: readonly Output[] | undefined
    })
  | (Place & { readonly kind: 'sequence'; readonly items: readonly { readonly node: Node; readonly background: boolean }[] })
  | (Place & { readonly kind: 'chain'; readonly operator: '&&' | '||'; readonly left: Node; readonly right: Node })
  | (Place & { readonly kind: 'pipeline'; readonly nodes: readonly Node[] })
  | (Place & {
      readonly kind: 'group'
      readonly subshell: boolean
      readonly body: Node
      readonly outputs?: readonly Output[] | undefined
    })
  | (Place & {
      readonly kind: 'if'
      readonly arms: readonly { readonly condition: Node; readonly body: Node }[]
      readonly otherwise?: Node
    })
  | (Place & { readonly kind: 'loop'; readonly condition: Node; readonly body: Node; readonly input?: Input | undefined })
  | (Place & { readonly kind: 'for'; readonly name: string; readonly words: readonly WordSyntax[] | undefined; readonly body: Node })
  | (Place & { readonly kind: 'case'; readonly arms: readonly { readonly body: Node }[] })
  | (Place & { readonly kind: 'function'; readonly name: string; readonly body: Node })
  /** `[[ … ]]`, `(( … ))`: a condition, which starts nothing. */
  | (Place & { readonly kind: 'test' })

export type CommandNode = Extract<Node, { readonly kind: 'command' }>
export type GroupNode = Extract<Node, { readonly kind: 'group' }>
export type ChainNode = Extract<Node, { readonly kind: 'chain' }>
export type IfNode = Extract<Node, { readonly kind: 'if' }>
export type LoopNode = Extract<Node, { readonly kind: 'loop' }>
export type ForNode = Extract<Node, { readonly kind: 'for' }>

export interface Problem extends Place {
  readonly reason: string
}

export interface Script {
  readonly body: Node
  /** What could not be read; empty for a sound script. */
  readonly problems: readonly Problem[]
}

/** One text that is written as it is meant: the word has the place that the text has. */
export function isAsItStands({ parts, start, end }: WordSyntax): boolean {
  const [part] = parts
  return parts.length === 1 && part?.kind === 'text' && part.start === start && part.end === end
}

/** Whether what a word expands to is cut at blanks (XCU §2.6.5), or is a list of words even in quotes (`"$@"`, `"${A[@]}"`). */
export function isSplit({ parts }: WordSyntax): boolean {
  return parts.some(
    (part) =>
      (part.kind === 'parameter' && (!part.quoted || part.all || part.name === '@')) || (part.kind === 'substitution' && !part.quoted),
  )
}

/** The text of a word that is one plain piece: a keyword, a command's name. */
export function plainText(word: WordSyntax | undefined): string | undefined {
  const [part, second] = word?.parts ?? []
  return part?.kind === 'text' && second === undefined ? part.text : undefined
}
