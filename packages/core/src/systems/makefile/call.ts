/** The files that make looks for, in its order (GNU make manual, 3.2). */
export const MAKEFILES: readonly string[] = ['GNUmakefile', 'makefile', 'Makefile']

export interface MakeCall {
  readonly directory: string
  readonly file: string | undefined
  readonly variables: ReadonlyMap<string, string>
  /** `undefined`: the file's first. */
  readonly targets: readonly (string | undefined)[]
}

const VALUED: ReadonlySet<string> = new Set(['-C', '--directory', '-f', '--file', '--makefile', '-I', '--include-dir', '-o', '-W'])

/** The words of a call of make; `undefined` where it is another program, or where a word is not known that may be a target. */
export function makeCall([program, ...words]: readonly (string | undefined)[]): MakeCall | undefined {
  if (program === undefined || !/(?:^|\/)g?make$/.test(program)) return undefined
  let directory = '.'
  let file: string | undefined
  const variables = new Map<string, string>()
  const targets: string[] = []
  for (let index = 0; index < words.length; index++) {
    const word = words[index]
    if (word === undefined) continue
    const [, option, joined] = /^(-[CfIoW]|--[\w-]+)(?:=?(.+))?$/.exec(word) ?? []
    if (option !== undefined && VALUED.has(option)) {
      const value = joined ?? words[++index]
      if (option === '-C' || option === '--directory') directory = value ?? directory
      if (option === '-f' || option === '--file' || option === '--makefile') file = value
      continue
    }
    const [, name, value] = /^(\w+)[:?+]?=(.*)$/s.exec(word) ?? []
    if (name !== undefined && value !== undefined) variables.set(name, value)
    else if (!word.startsWith('-')) targets.push(word)
  }
  return { directory, file, variables, targets: targets.length === 0 ? [undefined] : targets }
}
