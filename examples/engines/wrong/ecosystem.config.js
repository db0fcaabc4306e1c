module.exports = {
  apps: [
    { name: 'billing-engine', cwd: './billing-engine', script: 'dist/index.js', env: { NODE_ENV: 'production', HOST: '127.0.0.1', PORT: 7001 } },
    { name: 'pricing-engine', cwd: './pricing-engine', script: 'dist/index.js', env: { NODE_ENV: 'production', HOST: '127.0.0.1', PORT: 7002 } },
    { name: 'inventory-engine', cwd: './inventory-engine', script: 'dist/index.js', env: { NODE_ENV: 'production', HOST: '127.0.0.1', PORT: 7003 } },
    { name: 'search-engine', cwd: './search-engine', script: 'dist/index.js', env: { NODE_ENV: 'production', HOST: '127.0.0.1', PORT: 7004 } },
    { name: 'recommendation-engine', cwd: './recommendation-engine', script: 'dist/index.js', env: { NODE_ENV: 'production', HOST: '127.0.0.1', PORT: 7005 } },
    { name: 'analytics-engine', cwd: './analytics-engine', script: 'dist/index.js', env: { NODE_ENV: 'production', HOST: '127.0.0.1', PORT: 7006 } },
    { name: 'workflow-engine', cwd: './workflow-engine', script: 'dist/index.js', env: { NODE_ENV: 'production', HOST: '127.0.0.1', PORT: 7007 } },
    { name: 'email-service', cwd: './email-service', script: 'server.js', env: { NODE_ENV: 'production', HOST: '127.0.0.1', PORT: 7008 } },
    { name: 'video-service', cwd: './video-service', script: 'server.js', env: { NODE_ENV: 'production', HOST: '127.0.0.1', PORT: 3002 } },
    { name: 'speech-service', cwd: './speech-service', script: 'main.py', interpreter: 'python3', env: { HOST: '127.0.0.1', PORT: 8000 } },
  ],
}
