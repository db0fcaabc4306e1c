/**
 * What a PowerShell script says (Windows PowerShell 5.1 and PowerShell 7: about_Parsing, about_Quoting_Rules, about_Operators), before
 * anything is evaluated. Offsets are into the passage that was parsed; ends are exclusive.
 */

export interface Place {
  readonly start: number
  readonly end: number
}

export type Expression =
  /** `bare`: written without quotes, so that `-Name` is a parameter's name. */
  | (Place & { readonly kind: 'text'; readonly text: string; readonly bare: boolean })
  /** `$name`, `$env:NAME`, `${…}`. Both parts in lower case, but for the name of an environment variable. */
  | (Place & { readonly kind: 'variable'; readonly drive: Drive; readonly name: string })
  /** A double-quoted string, or a bare word with variables in it. */
  | (Place & { readonly kind: 'expandable'; readonly parts: readonly Expression[]; readonly bare: boolean })
  /** `a, b` */
  | (Place & { readonly kind: 'list'; readonly items: readonly Expression[] })
  | (Place & { readonly kind: 'table'; readonly entries: readonly TableEntry[] })
  /** `(…)` and `$(…)`: what they put out; `list`: `@(…)`, which makes a list of it. */
  | (Place & { readonly kind: 'output'; readonly body: readonly Statement[]; readonly list: boolean })
  | (Place & { readonly kind: 'block'; readonly block: ScriptBlock })
  /** `target.name`, `target.name(…)`, `[type]::name(…)`. `arguments`: of a method. */
  | (Place & {
      readonly kind: 'member'
      readonly target: Expression
      readonly name: string
      readonly arguments?: readonly Expression[]
    })
  | (Place & { readonly kind: 'index'; readonly target: Expression; readonly index: Expression })
  /** `[System.Environment]`, in lower case without `system.`. */
  | (Place & { readonly kind: 'type'; readonly name: string })
  | (Place & { readonly kind: 'cast'; readonly type: string; readonly operand: Expression })
  /** `operator` in lower case with a plain dash: `-not`, `!`, `-join`. */
  | (Place & { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression })
  /** `operator` in lower case with a plain dash and without the case prefix: `-eq` for `-ceq`; `+`, `??`, `..`. */
  | (Place & { readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression })
  | (Place & { readonly kind: 'ternary'; readonly condition: Expression; readonly whenTrue: Expression; readonly whenFalse: Expression })
  /** `@name` among arguments. */
  | (Place & { readonly kind: 'splat'; readonly name: string })
  /** Something that is not followed. */
  | (Place & { readonly kind: 'opaque'; readonly reason: string })

/** Which namespace a variable's name is looked up in. */
export type Drive = 'variable' | 'script' | 'env'

export interface TableEntry {
  readonly key: Expression
  readonly value: Statement
}

export interface Parameter extends Place {
  /** Without `$`, as it is written. */
  readonly name: string
  readonly aliases: readonly string[]
  readonly isSwitch: boolean
  /** `[Parameter(ValueFromRemainingArguments)]` */
  readonly takesRest: boolean
  readonly value?: Expression
}

export interface ScriptBlock extends Place {
  /** `undefined`: it has no `param (…)`. */
  readonly parameters: readonly Parameter[] | undefined
  readonly body: readonly Statement[]
}

export interface CommandSyntax extends Place {
  readonly kind: 'command'
  /** `&` runs what the first word names, `.` runs it in the same scope. */
  readonly invocation: '' | '&' | '.'
  readonly words: readonly Expression[]
}

/** One part of a pipeline. */
export type Element = CommandSyntax | (Place & { readonly kind: 'expression'; readonly expression: Expression })

export type Statement =
  | (Place & { readonly kind: 'pipeline'; readonly elements: readonly Element[] })
  /** Pipelines between `&&` and `||`. */
  | (Place & {
      readonly kind: 'chain'
      readonly first: Statement
      readonly rest: readonly { readonly operator: '&&' | '||'; readonly node: Statement }[]
    })
  /** `operator`: `=`, `+=`, `??=`; any other one as it is written. */
  | (Place & { readonly kind: 'assignment'; readonly target: Expression; readonly operator: string; readonly value: Statement })
  | (Place & {
      readonly kind: 'if'
      readonly arms: readonly { readonly condition: Statement; readonly body: readonly Statement[] }[]
      readonly otherwise?: readonly Statement[]
    })
  /** `while`, `do`, `for`; `trap` and other bodies that run none, one or many times. */
  | (Place & { readonly kind: 'loop'; readonly before: readonly Statement[]; readonly body: readonly Statement[]; readonly runs: boolean })
  | (Place & { readonly kind: 'foreach'; readonly name: string; readonly items: Statement; readonly body: readonly Statement[] })
  | (Place & {
      readonly kind: 'switch'
      readonly subject: Statement
      readonly arms: readonly { readonly pattern: Expression | undefined; readonly body: readonly Statement[] }[]
    })
  | (Place & {
      readonly kind: 'try'
      readonly body: readonly Statement[]
      readonly catches: readonly (readonly Statement[])[]
      readonly last: readonly Statement[]
    })
  | (Place & { readonly kind: 'function'; readonly name: string; readonly block: ScriptBlock })
  | (Place & { readonly kind: 'flow'; readonly word: 'return' | 'exit' | 'throw' | 'break' | 'continue'; readonly value?: Statement })

export interface Problem extends Place {
  readonly reason: string
}

export interface Script {
  readonly block: ScriptBlock
  /** Of the script, and of every function and block in it. */
  readonly parameters: readonly Parameter[]
  /** What could not be read; empty for a sound script. */
  readonly problems: readonly Problem[]
}
