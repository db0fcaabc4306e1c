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
  row({
    id: 'esbuild',
    title: 'esbuild, development server',
    example: "context.serve({ host: '127.0.0.1', port: 8000 })",
    defaultHost: '0.0.0.0',
    defaultPort: 8000,
    source: 'esbuild 0.28.2 and 0.24.2, started; esbuild.github.io/api/#serve: host, port',
    makers: ['esbuild#context'],
    binds: [{ method: 'serve', reads: { form: 'options', port: 'port', host: 'host' } }],
  }),
  row({
    id: 'webpack-dev-server',
    title: 'webpack-dev-server',
    example: "new WebpackDevServer({ host: '127.0.0.1' }, compiler).start()",
    defaultHost: '*',
    defaultPort: 8080,
    source: 'webpack-dev-server 5.2.7, lib/Server.js: constructor, start, getHostname',
    makers: ['webpack-dev-server'],
    binds: [{ method: 'start', reads: { form: 'made', inside: [], port: 'port', host: 'host' } }],
  }),
  row({
    id: 'browser-sync',
    title: 'Browsersync',
    example: "browserSync.create().init({ server: 'app' })",
    defaultHost: '*',
    defaultPort: 3000,
    source: 'browser-sync 3.0.4, dist/default-config.js: port 3000, listen; dist/server/index.js: listen(port, listen)',
    makers: ['browser-sync#create'],
    binds: [
      { method: 'init', reads: { form: 'options', port: 'port', host: 'listen' } },
      { call: 'browser-sync', reads: { form: 'options', port: 'port', host: 'listen' } },
      { call: 'browser-sync#init', reads: { form: 'options', port: 'port', host: 'listen' } },
    ],
  }),
]
