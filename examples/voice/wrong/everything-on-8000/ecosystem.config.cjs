module.exports = {
  apps: [
    {
      name: 'voice',
      script: 'python3',
      args: '-m uvicorn src.main:app --host 127.0.0.1 --port 8000',
      kill_timeout: 8000,
      env: { PORT: 8000, EMR_REDIRECT_URI: 'http://localhost:8000/auth/callback' },
      env_production: { PORT: 9849 },
    },
  ],
}
