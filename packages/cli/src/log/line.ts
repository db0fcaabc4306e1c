import { closeSync, constants, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Where the guard writes what it refuses, and `sallyport run` what it stops. */
export const SECURITY_LOG = 'logs/security.log'

/** One object, one line, printable ASCII only, as the guard writes its own. */
function securityLine(event: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify(event).replace(/[\x7f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`
}

/** Adds a line to the log, whoever else writes there. @throws what the file system says. */
export function appendSecurityLine(file: string, event: Readonly<Record<string, unknown>>): void {
  mkdirSync(dirname(file), { recursive: true })
  // In the folder of a deployment: a link that somebody put there does not lead us elsewhere.
  const descriptor = openSync(file, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW, 0o640)
  try {
    writeSync(descriptor, securityLine(event))
  } finally {
    closeSync(descriptor)
  }
}
