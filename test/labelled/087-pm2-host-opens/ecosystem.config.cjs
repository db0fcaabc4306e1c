const shared = {
  NODE_ENV: 'production',
  HOST: '0.0.0.0',
}

module.exports = {
  apps: [
    {
      name: 'embedder',
      script: 'dist/index.js',
      exec_mode: 'fork',
      env: { ...shared, PORT: '7032' },
    },
  ],
}
