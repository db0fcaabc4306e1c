import { parentPort, workerData } from 'node:worker_threads'
import { readRecording } from './recording.ts'
import { firstDifference } from './replay.ts'

const { recording, first } = workerData as { readonly recording: string; readonly first: readonly string[] }
const all = readRecording(recording)
const begin = all.filter(({ id }) => first.includes(id))
parentPort?.postMessage(firstDifference([...begin, ...all.filter((one) => !begin.includes(one))]))
