import { row, type ServerRow } from './row.ts'

/** Development servers that a program starts. */
export const TOOLS_ROWS: readonly ServerRow[] = [
  row({
    id: 'vite',
    title: 'Vite, development server',
    example: 'createServer({ server: { port: 5173 } }) and server.listen()',
    defaultHost: 'localhost',
    defaultPort: 5173,
    source:
      'vite 7.3.8, dist/node/chunks/config.js, resolveHostname: undefined or false is localhost, true is every address; DEFAULT_DEV_PORT',
    makers: ['vite#createServer'],
    binds: [{ method: 'listen', reads: { form: 'made', inside: ['server'], port: 'port', host: 'host' } }],
  }),
  row({
    id: 'vite-preview',
    title: 'Vite, preview server',
    example: 'preview({ preview: { port: 4173 } })',
    defaultHost: 'localhost',
    defaultPort: 4173,
    source: 'vite 7.3.8, dist/node/chunks/config.js, resolvePreviewOptions: host ?? server.host; resolveHostname; DEFAULT_PREVIEW_PORT',
    makers: [],
    binds: [{ call: 'vite#preview', reads: { form: 'options', inside: ['preview'], port: 'port', host: 'host' } }],
  }),
]
