/** @type {{ apps: import('pm2').StartOptions[] }} */
module.exports = {
  apps: [
    {
      name: 'depot',
      script: 'src/server.mjs',
      exec_mode: 'fork',
      time: true,
      env: {
        NODE_ENV: 'development',
        DEPOT_HOST: '127.0.0.1',
        DEPOT_PORT: '5900',
      },
      env_production: {
        NODE_ENV: 'production',
        DEPOT_HOST: '0.0.0.0',
        DEPOT_PORT: '5905',
      },
    },
  ],
};
