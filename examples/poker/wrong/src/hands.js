import { EventEmitter } from 'node:events'

/** The last hundred hands, in memory: nothing of them leaves the machine. */
export class Hands extends EventEmitter {
  #hands = []
  #next = 1

  add(hand) {
    const added = { id: this.#next++, ...hand }
    this.#hands = [...this.#hands.slice(-99), added]
    this.emit('added', added)
    return added
  }

  all() {
    return this.#hands
  }
}
