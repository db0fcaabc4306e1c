import { MetricsSink } from './sink.js'

const sink = new MetricsSink({ port: 8123 })
await sink.start()
console.log('metrics sink started')
