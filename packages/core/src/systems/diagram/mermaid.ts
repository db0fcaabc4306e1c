import type { Arrow, Picture, PicturedService } from './picture.ts'

/** The picture as a flowchart of Mermaid, which GitHub and many wikis draw. */
export function mermaidText({ title, sources, hosts, arrows }: Picture): string {
  const ids = new Map<string, string>()
  const idOf = (name: string): string => {
    const id = ids.get(name) ?? `n${ids.size + 1}`
    ids.set(name, id)
    return id
  }
  const shut = hosts.flatMap(({ services }) => services.flatMap((service) => (service.shut ? [idOf(service.id)] : [])))
  const doors = hosts.flatMap(({ services }) => services.flatMap((service) => (service.door && !service.shut ? [idOf(service.id)] : [])))
  const lines = [
    `%% ${title.replace(/[{}%]/g, ' ')}`,
    'flowchart LR',
    ...sources.map(
      ({ id, label, detail }) => `  ${idOf(id)}(["${[label, ...(detail === undefined ? [] : [detail])].map(escaped).join('<br/>')}"])`,
    ),
    ...hosts.flatMap(({ id, label, services }) => [
      `  subgraph ${idOf(id)}["${escaped(label)}"]`,
      ...services.map((service) => `    ${idOf(service.id)}${shapeOf(service)}`),
      '  end',
    ]),
    ...arrows.map((arrow) => `  ${idOf(arrow.from)} ${lineOf(arrow)}|"${escaped(arrow.label)}"| ${idOf(arrow.to)}`),
    '  classDef shut stroke-dasharray: 4 3,opacity: 0.7',
    '  classDef door stroke-width: 3px',
    ...(shut.length > 0 ? [`  class ${shut.join(',')} shut`] : []),
    ...(doors.length > 0 ? [`  class ${doors.join(',')} door`] : []),
  ]
  return `${lines.join('\n')}\n`
}

function shapeOf({ label, detail, shut }: PicturedService): string {
  const text = `"${escaped(label)}<br/>${escaped(detail)}"`
  return shut ? `[/${text}/]` : `[${text}]`
}

function lineOf({ carries, perhaps }: Arrow): string {
  if (perhaps) return '-.->'
  return carries === 'requests' ? '-.->' : '-->'
}

/** Mermaid, "Entity codes to escape characters": `#` begins one, quotes end the text, and a back quote would make Markdown of it. */
function escaped(text: string): string {
  return text.replace(/[#"`<>&;|\\]/g, (character) => `#${character.charCodeAt(0)};`)
}
