/** A line of a configuration, or a block with what is in it. */
export type Item = string | { readonly head: string; readonly body: readonly Item[] }

export function block(head: string, body: readonly Item[]): Item {
  return { head, body }
}

/** Directives end in `;`; comments and empty lines do not. */
export function printed(items: readonly Item[], indent = ''): string {
  return items
    .map((item) => {
      if (typeof item !== 'string') return `${indent}${item.head} {\n${printed(item.body, `${indent}    `)}${indent}}\n`
      return item === '' ? '\n' : `${indent}${item}${item.startsWith('#') ? '' : ';'}\n`
    })
    .join('')
}

/** One word, quoted where it has to be (`ngx_conf_read_token`). Variables are still put in where the directive takes them. */
export function word(text: string): string {
  return /^[A-Za-z0-9_./:@%+,=~*$-]+$/.test(text) && !text.includes('${') ? text : `"${text.replace(/[\\"]/g, '\\$&')}"`
}
