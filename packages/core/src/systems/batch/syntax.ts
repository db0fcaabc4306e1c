import type { Passage } from '../passage.ts'

/** What a batch file says, before `%NAME%` is put in: cmd.exe reads one line at a time, and one in brackets to its end. */
export type Node =
  /** A program or a command of cmd.exe itself; carets and redirections are taken away. */
  | { readonly kind: 'command'; readonly passage: Passage }
  | { readonly kind: 'label'; readonly name: string }
  | { readonly kind: 'group'; readonly body: readonly Line[] }
  | {
      readonly kind: 'if'
      readonly condition: Condition
      /** `/i`. */
      readonly ignoresCase: boolean
      readonly negated: boolean
      readonly body: Line
      readonly otherwise: Line | undefined
    }
  /** `head`: from the word FOR to the bracket that closes the list. */
  | { readonly kind: 'for'; readonly head: Passage; readonly body: Line }

/** Commands with operators between them: that of the first says nothing. */
export interface Line {
  readonly items: readonly { readonly operator: '&' | '&&' | '||' | '|'; readonly node: Node }[]
}

export type Condition =
  | { readonly kind: 'defined'; readonly name: Passage }
  | { readonly kind: 'equal'; readonly left: Passage; readonly right: Passage; readonly differs: boolean }
  /** `exist`, `errorlevel`, a comparison of numbers. */
  | { readonly kind: 'other' }

export interface Problem {
  readonly reason: string
  readonly start: number
  readonly end: number
}

export interface Script {
  readonly lines: readonly Line[]
  /** By their names in lower case, the lines that they stand on. */
  readonly labels: ReadonlyMap<string, number>
  readonly problems: readonly Problem[]
}
