import type { FileOrigin, Text } from '../../evidence/index.ts'

/** A variable as the shell has it after sourcing the file. */
export interface UfwSetting {
  readonly value: string
  readonly origin: FileOrigin
}

export interface UfwSettings {
  readonly values: ReadonlyMap<string, UfwSetting>
  /** Lines that are more than an assignment: the shell runs them. */
  readonly others: readonly FileOrigin[]
}

const ASSIGNMENT = /^\s*([A-Za-z_][A-Za-z0-9_]*)=("[^"$`\\]*"|'[^']*'|[^\s"'$`\\;&|<>()]*)\s*(?:#.*)?$/

/** /etc/default/ufw and /etc/ufw/ufw.conf: `ufw-init` sources both as shell, the second over the first. */
export function readSettings(files: readonly Text[]): UfwSettings {
  const values = new Map<string, UfwSetting>()
  const others: FileOrigin[] = []
  for (const text of files) {
    for (let number = 1; number <= text.lineStarts.length; number++) {
      const line = text.line(number)
      const found = ASSIGNMENT.exec(line)
      if (found !== null)
        values.set(found[1] ?? '', { value: (found[2] ?? '').replace(/^(["'])(.*)\1$/, '$2'), origin: text.lineOrigin(number) })
      else if (!/^\s*(?:#|$)/.test(line)) others.push(text.lineOrigin(number))
    }
  }
  return { values, others }
}

/** ufw takes `yes` and `YES`, and everything else for no. */
export function isYes(settings: UfwSettings, name: string): boolean {
  const value = settings.values.get(name)?.value
  return value === 'yes' || value === 'YES'
}
