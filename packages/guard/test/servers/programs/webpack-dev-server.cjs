const { join } = require('node:path')
const webpack = require('webpack')
const WebpackDevServer = require('webpack-dev-server')

const compiler = webpack({ mode: 'development', entry: join(__dirname, 'site/entry.js'), output: { path: '/nowhere' }, stats: 'none' })
void new WebpackDevServer({ port: 3000, host: '0.0.0.0', static: join(__dirname, 'site') }, compiler).start()
