import { parentPort, workerData } from 'node:worker_threads'
import { readRecording } from './recording.ts'
import { firstDifference } from './replay.ts'

const { recordings, first } = workerData as { readonly recordings: readonly string[]; readonly first: readonly string[] }
const all = recordings.flatMap(readRecording)
const begin = all.filter(({ id }) => first.includes(id))
parentPort?.postMessage(firstDifference([...begin, ...all.filter((one) => !begin.includes(one))]))
