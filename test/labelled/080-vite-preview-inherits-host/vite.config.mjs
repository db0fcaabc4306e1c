const server = {
  host: '0.0.0.0',
  port: 5199,
}

export default {
  build: { sourcemap: false },
  server,
}
