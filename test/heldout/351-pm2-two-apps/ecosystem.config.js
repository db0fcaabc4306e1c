module.exports = {
  apps: [
    {
      name: 'menu-api',
      script: './api.js',
      instances: 1,
      env: {
        NODE_ENV: 'production',
        HOST: '127.0.0.1',
        PORT: 4110,
      },
    },
    {
      name: 'menu-display',
      script: './display.js',
      max_memory_restart: '150M',
      env: {
        HOST: '0.0.0.0',
        PORT: 4111,
        API: 'http://127.0.0.1:4110',
      },
    },
  ],
};
