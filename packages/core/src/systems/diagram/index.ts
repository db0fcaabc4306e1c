import type { WritableSystem } from '../write.ts'

export type { Arrow, Picture, PicturedHost, PicturedService, PicturedSource } from './picture.ts'

export const diagram: WritableSystem = {
  name: 'diagram',
  title: 'who reaches what, drawn as SVG',
  load: async () => (await import('./write.ts')).svgWriter,
}

export const mermaid: WritableSystem = {
  name: 'mermaid',
  title: 'who reaches what, as a flowchart of Mermaid',
  load: async () => (await import('./write.ts')).mermaidWriter,
}
