module.exports = {
  apps: [
    {
      name: 'writer-engine',
      script: './server.js',
      instances: 1,
      autorestart: true,
      env: {
        NODE_ENV: 'production',
        HOST: '127.0.0.1',
        PORT: 7030,
      },
    },
  ],
}
