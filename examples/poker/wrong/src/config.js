/** Settings, from the environment. Never 0.0.0.0 in production. */
export const config = {
  host: process.env.API_HOST || '127.0.0.1',
  port: Number(process.env.API_PORT || 8000),
  debug: process.env.DEBUG === 'true',
}
