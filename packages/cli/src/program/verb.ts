import { Command, type ErrorOptions } from 'commander'
import { isFolder } from '../is-folder.ts'

/** A command of the program: what is typed wrongly is answered with what is right. */
export class Verb extends Command {
  override createCommand(name?: string): Verb {
    return new Verb(name)
  }

  override error(message: string, options?: ErrorOptions): never {
    const hint = options?.code === 'commander.excessArguments' ? this.#excessHint() : this.#folderHint(message)
    return super.error(`${withoutForce(message)}${hint === '' ? '' : `\n${hint}`}`, options)
  }

  #excessHint(): string {
    // `ports` takes a folder at most: of two words the first is a command of its own.
    if (this.commands.length > 0)
      return `(did you mean ${this.commands.map((command) => `sallyport ${this.name()} ${command.name()}`).join(' or ')}?)`
    const folder = this.args.find(isFolder)
    return folder !== undefined && this.options.some(({ long }) => long === '--folder') ? `(a folder is given as --folder ${folder})` : ''
  }

  /** How this command is told of a folder, where it takes no `--folder`. */
  #folderHint(message: string): string {
    if (!/unknown option '--folder(?:'|=)/.test(message)) return ''
    const at = this.args.findIndex((word) => /^--folder(?:=|$)/.test(word))
    const folder = this.args[at]?.slice('--folder='.length) || (this.args[at + 1] ?? 'FOLDER')
    if (this.registeredArguments.some((argument) => argument.name() === 'folder'))
      return `(a folder is given without an option: sallyport ${this.name()} ${folder})`
    if (this.options.some(({ long }) => long === '--policy'))
      return `(it is about the folder that it is started in; a policy elsewhere is given as --policy ${folder.replace(/\/$/, '')}/sallyport.yaml)`
    return ''
  }
}

/** What is nearest to a wrong word must not be the one that takes something away. */
function withoutForce(message: string): string {
  return message.replace(/\n\(Did you mean (?:one of )?([^)]*)\?\)$/, (_, names: string) => {
    const others = names.split(', ').filter((name) => name !== '--force')
    return others.length === 0 ? '' : `\n(Did you mean ${others.length > 1 ? 'one of ' : ''}${others.join(', ')}?)`
  })
}

/** Instead of help for a command that there is not, which would be another's: the error that it is without --help. */
export function refuseUnknown(command: Command): void {
  if (command.commands.length === 0 || command.registeredArguments.length > 0) return
  const [first, second] = command.args
  const asked = first === 'help' ? second : first
  if (asked === undefined || asked === 'help' || asked.startsWith('-') || command.commands.some((each) => each.name() === asked)) return
  command.parse([asked], { from: 'user' })
}
