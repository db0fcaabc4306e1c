import { show, type Setting, Text, type Word } from '../evidence/index.ts'
import { launchesOf } from './launches.ts'
import { Starts } from './starts/index.ts'
import { evidenceIn, type Reader } from './system.ts'

/** The path by which origins name the command line itself. */
export const GIVEN_COMMAND = 'the command line'

/**
 * Reads a command that somebody gives, word by word as a program gets it, with the variables that it gets: a launch for each server that it
 * comes to start, through the scripts of the folder. Variables are put in from `environment` alone; no other is set.
 */
export function givenCommand(words: readonly string[], environment: Readonly<Record<string, string | undefined>>): Reader {
  const text = new Text(GIVEN_COMMAND, words.join(' '))
  const origin = text.origin(0, text.content.length)
  let end = 0
  const given = words.map((word): Word => {
    const start = end
    end = start + word.length + 1
    const place = text.origin(start, start + word.length)
    return { text: { kind: 'known', value: word, origin: place }, shown: show(word) }
  })
  const settings = new Map(
    Object.entries(environment).flatMap(([name, value]): [string, Setting][] =>
      value === undefined ? [] : [[name, { value: { kind: 'known', value, origin }, origin }]],
    ),
  )
  return {
    read(snapshot) {
      const starts = new Starts(snapshot)
      const found = starts.ofCommand(given, { workingDirectory: '', environment: settings }, origin)
      const launches = found.flatMap((start) => launchesOf(start, 'shell', 'command'))
      return { evidence: launches.map((launch) => evidenceIn(snapshot.context, launch, origin)), needs: [...starts.needs], globs: [] }
    },
  }
}
