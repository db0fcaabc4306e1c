/** Settings, from the environment. The API is for this machine only: 0.0.0.0 and addresses of the network are refused when it starts. */
export const config = {
  host: process.env.API_HOST || '127.0.0.1',
  port: Number(process.env.API_PORT || 8000),
  debug: process.env.DEBUG === 'true',
}
