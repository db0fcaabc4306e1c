const RANKS = '23456789TJQKA'
const SUITS = 'cdhs'

/** A card is its number, 0 (2c) to 51 (As): rank × 4 + suit. */
export const DECK = Array.from({ length: 52 }, (_, card) => card)

export const rankOf = (card) => card >> 2
export const suitOf = (card) => card & 3

/** "As Kd" → [51, 45]; undefined where the text is no list of cards. */
export function parseCards(text) {
  if (typeof text !== 'string') return undefined
  const cards = text.split(' ').filter((word) => word !== '')
  const known = cards.every((word) => word.length === 2 && RANKS.includes(word[0]) && SUITS.includes(word[1]))
  return known ? cards.map((word) => RANKS.indexOf(word[0]) * 4 + SUITS.indexOf(word[1])) : undefined
}
