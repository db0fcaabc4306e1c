import { expect, test } from 'vitest'
import { Text } from '../../../evidence/index.ts'
import { sourceTools } from '../../../../../cli/src/collect/source.ts'
import { Node } from '../../tree.ts'
import { localNames } from './local-names.ts'
import { Module } from './module.ts'

function namesIn(content: string): readonly string[] {
  const file = new Text('a.js', content)
  const root = sourceTools.parseSource('javascript', content)
  return root === undefined ? [] : localNames(new Module(file, new Node(file, root)), 'ws')
}

test.each([
  ['import WebSocket, { Server as S } from "ws"', ['WebSocket', 'Server', 'S']],
  ['import{WebSocketServer as t}from"ws"', ['WebSocketServer', 't']],
  ['const W = require("ws")', ['W']],
  ['const W = await import("ws")', ['W']],
  ['const W = load("ws")', ['W']],
])('a package that is loaded has its names: %s', (content, names) => {
  expect(namesIn(content)).toEqual(expect.arrayContaining(names))
})

test.each([['class A{constructor(){super()}uri(){const t=this.opts.secure?"wss":"ws",n=this.query}}'], ['const kinds = ["http", "ws"]']])(
  'a text that is the name of a package gives nothing a name: %s',
  (content) => {
    expect(namesIn(content)).toEqual([])
  },
)
