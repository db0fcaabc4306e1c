const config = {
  server: {
    host: '::',
    port: 8443,
    trustProxy: true,
  },
  database: {
    host: '127.0.0.1',
    port: 5432,
  },
} as const

export default config
