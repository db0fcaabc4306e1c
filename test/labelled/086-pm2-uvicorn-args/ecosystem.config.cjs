module.exports = {
  apps: [
    {
      name: 'agent-api',
      script: 'uvicorn',
      interpreter: 'none',
      args: 'main:app --host 0.0.0.0 --port 8001 --log-level warning',
    },
  ],
};
