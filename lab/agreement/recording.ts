import { readFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Printed, Surroundings } from './judge.ts'
import type { Shot } from './network.ts'

/** What one ruleset did to packets: enough to compare again, without root, what is computed. */
export interface Recorded {
  /** `KIND:SEED` */
  readonly id: string
  readonly printed: Printed
  readonly surroundings: Surroundings
  readonly packets: readonly RecordedPacket[]
}

export interface RecordedPacket {
  readonly shot: Shot
  /** What the sender saw. */
  readonly seen: string
  /** Whether what was computed then was one answer. */
  readonly sure: boolean
}

/** Collects rulesets until they have `most` bytes, and keeps the first ones of each kind. */
export class Recorder {
  readonly #lines: string[] = []
  readonly #most: number
  #size = 0

  constructor(most: number) {
    this.#most = most
  }

  add(recorded: Recorded): void {
    const line = JSON.stringify({
      ...recorded,
      surroundings: {
        ...recorded.surroundings,
        behind: [...recorded.surroundings.behind],
        mute: [...recorded.surroundings.mute],
        proxied: [...recorded.surroundings.proxied],
      },
      packets: recorded.packets.map(packed),
    })
    if (this.#size + line.length > this.#most) return
    this.#size += line.length
    this.#lines.push(line)
  }

  bytes(): Buffer {
    return gzipSync(this.#lines.join('\n'), { level: 9 })
  }
}

export function readRecording(path: string): readonly Recorded[] {
  return gunzipSync(readFileSync(path))
    .toString()
    .split('\n')
    .map((line) => {
      const { surroundings, packets, ...rest } = JSON.parse(line) as Packed
      const { behind, mute, proxied, ratesUsedUp } = surroundings
      return {
        ...rest,
        surroundings: { behind: new Map(behind), mute: new Set(mute), proxied: new Set(proxied), ratesUsedUp },
        packets: packets.map(unpacked),
      }
    })
}

interface Packed extends Omit<Recorded, 'surroundings' | 'packets'> {
  readonly surroundings: {
    readonly behind: readonly (readonly [string, string])[]
    readonly mute: readonly string[]
    readonly proxied: readonly number[]
    readonly ratesUsedUp: boolean
  }
  readonly packets: readonly string[]
}

function packed({ shot, seen, sure }: RecordedPacket): string {
  const { zone, protocol, source, sourcePort, destination, port } = shot
  return `${zone} ${protocol} ${source} ${sourcePort} ${destination} ${port} ${sure ? 'sure' : 'maybe'} ${seen}`
}

function unpacked(text: string): RecordedPacket {
  const [zone, protocol, source = '', sourcePort, destination = '', port, sure, ...seen] = text.split(' ')
  const shot: Shot = {
    zone: zone === 'lan' || zone === 'own' ? zone : 'internet',
    family: source.includes(':') ? 6 : 4,
    protocol: protocol === 'tcp' ? 'tcp' : 'udp',
    source,
    sourcePort: Number(sourcePort),
    destination,
    port: Number(port),
  }
  return { shot, sure: sure === 'sure', seen: seen.join(' ') }
}
