/**
 * A bus between the parts of a page.
 *
 *     const server = createBus()
 *     server.listen(8080, onOrder)     // channels may be numbers
 *     server.listen('orders', onOrder)
 */
export function createBus() {
  const channels = new Map()

  return {
    listen(channel, handler) {
      const handlers = channels.get(channel) ?? new Set()
      handlers.add(handler)
      channels.set(channel, handlers)
      return () => handlers.delete(handler)
    },
    emit(channel, payload) {
      for (const handler of channels.get(channel) ?? []) handler(payload)
    },
    bind(target, type, channel) {
      const forward = (event) => this.emit(channel, event)
      target.addEventListener(type, forward)
      return () => target.removeEventListener(type, forward)
    },
  }
}
