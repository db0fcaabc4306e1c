import { type FileOrigin, type RuleOrigin, show, type Shown } from '../../evidence/index.ts'

export interface RulePlace {
  readonly tool: string
  readonly table: string
  readonly chain: string
  /** 1-based. */
  readonly index: number
  readonly handle?: number
  readonly file?: FileOrigin
}

/** The origin of a rule. Its text passes `show` when it is first asked for: of ten thousand rules, a report names a few. */
export function ruleOrigin({ tool, table, chain, index, handle, file }: RulePlace, print: () => string): RuleOrigin {
  let shown: Shown | undefined
  return {
    kind: 'rule',
    tool,
    table,
    chain,
    index,
    ...(handle === undefined ? {} : { handle }),
    get text() {
      shown ??= show(print())
      return shown
    },
    ...(file === undefined ? {} : { file }),
  }
}
