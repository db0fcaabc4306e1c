import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCards } from '../src/cards.js'
import { equity, strength } from '../src/equity.js'

test('each kind of hand beats the one before', () => {
  const hands = [
    'As Kd 9h 7c 5d 3h 2c',
    'As Ad 9h 7c 5d 3h 2c',
    'As Ad 9h 9c 5d 3h 2c',
    'As Ad Ah 7c 5d 3h 2c',
    'As 2d 3h 4c 5d 9h Kc',
    '2s 4s 7s 9s Js Ah Kd',
    '2s 2d 2h 3c 3d Ah Kc',
    '2s 2d 2h 2c 3d Ah Kc',
    'As 2s 3s 4s 5s 9h Kc',
  ].map((hand) => strength(parseCards(hand)))
  assert.deepEqual(hands, [...hands].sort((a, b) => a - b))
})

test('aces win four times in five against one opponent', () => {
  const win = equity(parseCards('As Ad'), [], 1)
  assert.ok(win > 0.8 && win < 0.9, String(win))
})
