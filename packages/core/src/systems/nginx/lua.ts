/** `[[`, `[=[` … of a long string or, after `--`, a long comment (Lua 5.1 reference manual §2.1). */
const LONG_BRACKET = /\[(=*)\[/y

/**
 * Where a Lua body ends, given that its `{` is before `start`: behind the matching `}`. Braces in Lua strings and comments do
 * not count (OpenResty ngx_http_lua_conf_lua_block_parse). `undefined`: never closed.
 */
export function endOfLua(content: string, start: number): number | undefined {
  let depth = 1
  let at = start
  while (at < content.length) {
    const character = content[at]
    if (character === '{') depth++
    else if (character === '}') {
      depth--
      if (depth === 0) return at + 1
    } else if (character === '"' || character === "'") {
      at = endOfString(content, at)
      continue
    } else if (character === '[' || (character === '-' && content[at + 1] === '-')) {
      at = endOfLong(content, at)
      continue
    }
    at++
  }
  return undefined
}

function endOfString(content: string, start: number): number {
  for (let at = start + 1; at < content.length; at++) {
    if (content[at] === '\\') at++
    else if (content[at] === content[start]) return at + 1
  }
  return content.length
}

function endOfLong(content: string, start: number): number {
  const comment = content[start] === '-'
  LONG_BRACKET.lastIndex = comment ? start + 2 : start
  const level = LONG_BRACKET.exec(content)?.[1]
  if (level !== undefined) {
    const close = `]${level}]`
    const end = content.indexOf(close, LONG_BRACKET.lastIndex)
    return end < 0 ? content.length : end + close.length
  }
  if (!comment) return start + 1
  const end = content.indexOf('\n', start)
  return end < 0 ? content.length : end
}
