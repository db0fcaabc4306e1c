import { continuesSecret, REDACTED, type Shown, show } from '@sallyport/core/evidence'

/** How many lines above a line may make a secret of it: a private key is shorter. */
const ABOVE = 60
const LENGTH = 400
// oxlint-disable-next-line no-control-regex
const COLOUR = /\u001b\[[0-9;]*m/g

/** Lines of one log, one after the other, as they may be shown: each is judged with those above it. */
export function lineShower(): (text: string) => Shown {
  const above: string[] = []
  return (text) => {
    const line = text.replace(COLOUR, '').trimEnd()
    const shown = show(continuesSecret(line.trim(), above.length, (number) => above[number - 1] ?? '') ? REDACTED : line, LENGTH)
    above.push(line)
    if (above.length > ABOVE) above.shift()
    return shown
  }
}
