export const api = {
  host: 'localhost',
  port: 8190,
}
