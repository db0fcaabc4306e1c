import { type Json, parseJson } from '../json.ts'

/**
 * Parses what `ip -j` prints. Its writer (iproute2 lib/json_writer.c, jsonw_puts) leaves control characters in texts as they are,
 * and older ones write `\'`: JSON knows neither, and an interface may be named with both (net/core/dev.c, dev_valid_name).
 */
export function parseIpJson(text: string): Json | undefined {
  return parseJson(text) ?? parseJson(repaired(text))
}

function repaired(text: string): string {
  return text
    .replace(/\\(.)/gs, (escape, character: string) => (character === "'" ? "'" : escape))
    .replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Outside of texts `ip -j` writes none but line ends, which the text of one answer does not hold. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const CONTROL = /[\u0000-\u001f]/g
