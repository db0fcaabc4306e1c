import { shellWord } from '@sallyport/core/systems'
import { Failure } from '../failure.ts'

/** Which file a command is about, as the caller named it. */
export interface KeyPlace {
  readonly folder: string
  /** Relative to the folder. */
  readonly file: string
}

/** A command of `sallyport keys` as it can be run where the caller stands, for this file and no other. */
export function keysCommand(words: string, { folder, file }: KeyPlace): string {
  const options = [...(file === '.env' ? [] : ['--file', shellWord(file)]), ...(folder === '.' ? [] : ['--folder', shellWord(folder)])]
  return ['sallyport keys', words, ...options].join(' ')
}

/** `folder`: where the file was looked for. */
export function noFile(folder: string, place: KeyPlace): Failure {
  return new Failure(`there is no ${place.file} in ${folder}`, `write one with ${keysCommand('generate', place)}`)
}
