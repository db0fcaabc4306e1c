import type { Command } from 'commander'
import { showLines } from '../failure.ts'
import { VERSION } from '../version.ts'
import { addKeeping } from './keeping.ts'
import { addChanging } from './changing.ts'
import { addApplying } from './applying.ts'
import { addChecklist } from './checklist.ts'
import { addLifecycle } from './lifecycle.ts'
import { addLooking } from './looking.ts'
import { addMaking } from './making.ts'
import { addServing } from './serving.ts'
import { refuseUnknown, Verb } from './verb.ts'

/** The command line as it is typed: words and options; what a command does is loaded when it is asked for. */
export function program(): Command {
  const root = new Verb('sallyport')
    .description('Every way in is one you meant: sees, computes, compares and explains who can reach what.')
    .version(VERSION, '-V, --version', 'print the version')
    .showSuggestionAfterError()
    .showHelpAfterError('(sallyport --help lists the commands)')
    .exitOverride()
    .addHelpText('beforeAll', ({ command }) => {
      refuseUnknown(command)
      return ''
    })
    // What was typed wrongly is said again by commander: it may hold a secret, or move the terminal's cursor.
    .configureOutput({ writeErr: (text) => process.stderr.write(showLines(text)) })
  // For `run`, whose command has options of its own.
  root.enablePositionalOptions()
  addLooking(root)
  addServing(root)
  addLifecycle(root)
  addChecklist(root)
  addMaking(root)
  addApplying(root)
  addKeeping(root)
  addChanging(root)
  return root
}
