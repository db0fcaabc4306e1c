/** Resolves when the server listens; rejects on EADDRINUSE and the like. Default is all interfaces (0.0.0.0). */
export const listenAsync = (server, { port, host }) =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve(server)
    })
  })
