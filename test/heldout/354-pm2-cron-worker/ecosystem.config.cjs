module.exports = {
  apps: [
    {
      name: 'exchange-rates',
      script: 'job.js',
      cron_restart: '15 6 * * *',
      autorestart: false,
      env: {
        RATES_HOST: 'rates.example.com',
        RATES_PORT: '443',
        HOST: '0.0.0.0', // left from the template
      },
    },
  ],
};
