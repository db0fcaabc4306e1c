import { type Box, layoutOf, type PlacedArrow } from './layout.ts'
import { type Picture, sentences } from './picture.ts'

/** Plain rules, and those of a dark screen after them: not every program that draws SVG knows variables of CSS. */
const STYLE = `
    text { font: 13px system-ui, sans-serif; fill: #1f2328 }
    .title { font-size: 17px; font-weight: 600 }
    .small { font-size: 11px; fill: #59636e }
    .label { font-size: 11px; stroke: #ffffff; stroke-width: 4px; paint-order: stroke; stroke-linejoin: round }
    .inside { stroke: #f6f8fa }
    .paper { fill: #ffffff }
    .host { fill: #f6f8fa; stroke: #d1d9e0 }
    .source { fill: #fff8c5; stroke: #9a6700 }
    .open { fill: #ddf4ff; stroke: #0969da }
    .door { fill: #dafbe1; stroke: #1a7f37; stroke-width: 2 }
    .shut { fill: #eaeef2; stroke: #6e7781; stroke-dasharray: 4 3 }
    .lock { fill: none; stroke: #6e7781; stroke-width: 1.5 }
    .arrow { fill: none; stroke: #59636e; stroke-width: 1.5 }
    .requests { stroke: #8250df; stroke-dasharray: 6 3 }
    .perhaps { stroke-dasharray: 2 4 }
    .head { fill: #59636e }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc }
      .small { fill: #9198a1 }
      .label { stroke: #0d1117 }
      .inside { stroke: #151b23 }
      .paper { fill: #0d1117 }
      .host { fill: #151b23; stroke: #3d444d }
      .source { fill: #2e2a1f; stroke: #d29922 }
      .open { fill: #121d2f; stroke: #4493f8 }
      .door { fill: #12261e; stroke: #3fb950 }
      .shut { fill: #212830; stroke: #9198a1 }
      .lock { stroke: #9198a1 }
      .arrow { stroke: #9198a1 }
      .requests { stroke: #ab7df8 }
      .head { fill: #9198a1 }
    }
  `

/** The picture as one SVG that stands by itself: no script, nothing from elsewhere. */
export function svgText(picture: Picture): string {
  const { width, height, sources, hosts, services, arrows } = layoutOf(picture)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title what">`,
    `  <title id="title">${escaped(picture.title)}</title>`,
    `  <desc id="what">\n${sentences(picture)
      .map((line) => `${escaped(line)}\n`)
      .join('')}</desc>`,
    `  <style>${STYLE}</style>`,
    '  <defs><marker id="head" viewBox="0 0 8 8" refX="1" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="head" d="M 0 0 L 8 4 L 0 8 Z"/></marker></defs>',
    `  <rect class="paper" width="${width}" height="${height}"/>`,
    text(20, 34, picture.title, 'title'),
    ...hosts.flatMap(({ label, box }) => [rect(box, 'host', 10), text(box.x + 16, box.y + 22, label, 'small', 90)]),
    ...arrows.map(arrowLine),
    ...sources.flatMap(({ source: { label, detail }, box }) => [rect(box, 'source', 22), ...words(box, label, detail, 14)]),
    ...services.flatMap(({ service: { label, detail, door, shut }, box }) => [
      rect(box, shut ? 'shut' : door ? 'door' : 'open', 6),
      ...words(box, label, detail, shut ? 32 : 12),
      ...(shut ? [lock(box)] : []),
    ]),
    ...labelsOf(arrows),
    text(
      20,
      height - 16,
      'green: a way in; blue: reached directly; grey, with a lock: shut; violet: requests passed on; dotted: perhaps',
      'small',
      200,
    ),
    '</svg>\n',
  ].join('\n')
}

const rect = ({ x, y, width, height }: Box, kind: string, radius: number): string =>
  `  <rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}"/>`

function arrowLine({ arrow, path }: PlacedArrow): string {
  const kind = ['arrow', ...(arrow.carries === 'requests' ? ['requests'] : []), ...(arrow.perhaps ? ['perhaps'] : [])].join(' ')
  return `  <path class="${kind}" d="${path}" marker-end="url(#head)"/>`
}

/** After everything else, so that no line goes through them; several arrows that come in together share one. */
function labelsOf(arrows: readonly PlacedArrow[]): readonly string[] {
  const lines = arrows.map(({ arrow, label: { x, y, anchor } }) => {
    const inside = arrow.carries === 'requests' ? ' inside' : ''
    return `  <text class="label${inside}" x="${x}" y="${y}" text-anchor="${anchor}">${escaped(clipped(arrow.label, 22))}</text>`
  })
  return [...new Set(lines)]
}

/** One line, or two. */
function words(box: Box, label: string, detail: string | undefined, indent: number): readonly string[] {
  const room = Math.floor((box.width - indent - 8) / 7)
  if (detail === undefined) return [text(box.x + indent, box.y + box.height / 2 + 5, label, undefined, room)]
  return [
    text(box.x + indent, box.y + 19, label, undefined, room),
    text(box.x + indent, box.y + 35, detail, 'small', Math.floor((room * 7) / 6)),
  ]
}

function text(x: number, y: number, content: string, kind?: string, room = 120): string {
  return `  <text${kind === undefined ? '' : ` class="${kind}"`} x="${x}" y="${y}">${escaped(clipped(content, room))}</text>`
}

function lock({ x, y, height }: Box): string {
  const [left, top] = [x + 10, y + height / 2 - 2]
  return `  <path class="lock" d="M ${left} ${top} h 12 v 9 h -12 Z M ${left + 2} ${top} v -4 a 4 4 0 0 1 8 0 v 4"/>`
}

function clipped(content: string, room: number): string {
  const characters = Array.from(content)
  return characters.length <= room ? content : `${characters.slice(0, Math.max(1, room - 1)).join('')}…`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** XML 1.0 §2.4; control characters are in no text that is fit to be shown, and would not be XML. */
function escaped(content: string): string {
  return content.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '').replace(/[\u0000-\u001f\u007f\ufffe\uffff]/g, '?')
}
