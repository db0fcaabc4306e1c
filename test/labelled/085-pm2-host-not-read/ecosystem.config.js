module.exports = {
  apps: [{
    name: 'critic-engine',
    script: 'src/server.js',
    env: { HOST: '127.0.0.1', PORT: '7031' }, // security: local only
    max_memory_restart: '300M',
  }],
}
