/** A batch file, by its name. */
export const BATCH_SCRIPT = /\.(?:bat|cmd)$/i

/**
 * Whether a text that the shell of whatever machine reads is written for cmd.exe: it sets a variable for what follows (`set NAME=value&& …`,
 * which a POSIX shell takes for words of its own), or calls what only Windows has. Linear: each part of the pattern is bounded.
 */
export function isForWindows(text: string): boolean {
  return SETS.test(text) || CALLS.test(text)
}

const SETS = /(?:^|[^|]&|\()[ \t]{0,20}@?set[ \t]{1,20}"?[a-z_]\w{0,60}=[^&|;\n]{0,300}&/i
/** PowerShell takes a text in single quotes only from a POSIX shell, which cmd.exe would cut at its blanks. */
const CALLS =
  /(?:^|[^|]&|\()[ \t]{0,20}(?:start[ \t]{1,20}(?:\/|"|cmd\b)|cmd(?:\.exe)?[ \t]{1,20}\/[a-z]|(?:powershell|pwsh)(?:\.exe)?[ \t][^'"&|\n]{0,300}")/i
