import { randomInt } from 'node:crypto'
import { DECK, rankOf, suitOf } from './cards.js'

const TRIALS = 2000

/** The share of the pot that the two cards win on average, by dealing the rest at random. */
export function equity(hole, board, opponents) {
  const rest = DECK.filter((card) => !hole.includes(card) && !board.includes(card))
  let share = 0
  for (let trial = 0; trial < TRIALS; trial++) {
    const dealt = deal(rest, 5 - board.length + 2 * opponents)
    const table = [...board, ...dealt.splice(0, 5 - board.length)]
    const mine = strength([...hole, ...table])
    let ties = 1
    while (dealt.length > 0 && ties > 0) {
      const theirs = strength([...dealt.splice(0, 2), ...table])
      ties = theirs > mine ? 0 : theirs === mine ? ties + 1 : ties
    }
    if (ties > 0) share += 1 / ties
  }
  return share / TRIALS
}

function deal(cards, count) {
  const deck = [...cards]
  for (let index = 0; index < count; index++) {
    const other = randomInt(index, deck.length)
    const card = deck[index]
    deck[index] = deck[other]
    deck[other] = card
  }
  return deck.slice(0, count)
}

/** A number that is greater for the better of two hands of seven cards: its kind, then the ranks that decide, in base 13. */
export function strength(cards) {
  const suited = [0, 1, 2, 3].map((suit) => cards.filter((card) => suitOf(card) === suit)).find((same) => same.length >= 5)
  const straightFlush = suited && straight(suited)
  if (straightFlush !== undefined) return score(8, [straightFlush])
  const counts = new Array(13).fill(0)
  for (const card of cards) counts[rankOf(card)]++
  const ranks = [...counts.keys()].filter((rank) => counts[rank] > 0).sort((a, b) => counts[b] - counts[a] || b - a)
  const [first, second] = ranks.map((rank) => counts[rank])
  const kickers = (used, count) => [...counts.keys()].filter((rank) => counts[rank] > 0 && !used.includes(rank)).slice(-count).reverse()
  if (first === 4) return score(7, [ranks[0], ...kickers([ranks[0]], 1)])
  if (first === 3 && second >= 2) return score(6, ranks.slice(0, 2))
  if (suited) return score(5, suited.map(rankOf).sort((a, b) => b - a).slice(0, 5))
  const run = straight(cards)
  if (run !== undefined) return score(4, [run])
  if (first === 3) return score(3, [ranks[0], ...kickers([ranks[0]], 2)])
  if (first === 2 && second === 2) return score(2, [ranks[0], ranks[1], ...kickers(ranks.slice(0, 2), 1)])
  if (first === 2) return score(1, [ranks[0], ...kickers([ranks[0]], 3)])
  return score(0, ranks.slice(0, 5))
}

/** The highest rank of five in a row, of which the ace may be the lowest. */
function straight(cards) {
  const there = new Set(cards.map(rankOf))
  if (there.has(12)) there.add(-1)
  for (let top = 12; top >= 3; top--) if ([0, 1, 2, 3, 4].every((below) => there.has(top - below))) return top
  return undefined
}

const score = (kind, ranks) => [...ranks, 0, 0, 0, 0, 0].slice(0, 5).reduce((sum, rank) => sum * 13 + rank, kind)
