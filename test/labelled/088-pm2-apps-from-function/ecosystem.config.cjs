const LOOPBACK = '127.0.0.1'

const engine = (name, port, extra = {}) => ({
  name,
  script: 'engine.js',
  cwd: __dirname,
  env: { ENGINE: name, HOST: LOOPBACK, PORT: String(port), ...extra },
})

module.exports = {
  apps: [
    engine('alpha', 7041),
    engine('beta', 7042, { HOST: '0.0.0.0' }),
  ],
}
