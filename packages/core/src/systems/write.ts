import type { Protocol, Ruleset } from '../evidence/index.ts'
import type { AddressRange } from '../network/index.ts'
import type { HostName, Policy } from '../policy/index.ts'
import type { Picture } from './diagram/picture.ts'
import type { FileState, Tools } from './system.ts'

/** A whole file, as it is to stand somewhere. */
export interface WrittenFile {
  /** Where it belongs: absolute on its host, else relative to the folder of the deployment. */
  readonly path: string
  readonly text: string
  /** Absent: 0o644. */
  readonly mode?: number
  /** The host of the policy that it is for; absent where it is for none or for all. */
  readonly host?: string
}

/** Configuration from a policy: deterministic; or why there is none for it, and what to do about that. */
export type Written =
  | {
      readonly kind: 'written'
      readonly files: readonly WrittenFile[]
      /** What the policy does not tell and a person has to add or know. */
      readonly notes: readonly string[]
    }
  | { readonly kind: 'refused'; readonly why: string; readonly next: string }

/** What is asked of a writer beside the policy. */
export interface WriteOptions {
  /** The service that alone is meant; absent: all that the system has a part in. */
  readonly service?: string
  /** The host that alone is meant. */
  readonly host?: string
  /** The networks that the host is on; absent: not known. */
  readonly links?: readonly AddressRange[]
}

/** A difference in meaning between what is to be there and what is. */
export interface Difference {
  /** What differs, as a reader of the file would name it: `listen 443 of server example.com`. */
  readonly what: string
  /** Absent: nothing of the kind is wanted. */
  readonly wanted?: string
  /** Absent: nothing of the kind is there. */
  readonly there?: string
}

/** What a writer may use that it cannot bring itself: what comes after it in the flow, and parsers. */
export interface Comparing {
  /** In what they let through, whatever the rules look like. */
  filters(wanted: readonly Ruleset[], there: readonly Ruleset[]): readonly Difference[]
  readonly tools: Tools
}

export interface Writer {
  write(policy: Policy, options: WriteOptions): Written
  /** In what they mean the files that are there differ from those that are wanted; comments, order and spelling aside. */
  compare(wanted: readonly WrittenFile[], there: (path: string) => FileState, comparing: Comparing): readonly Difference[]
  /** From what is there, as its own tool describes it in `described`, to what is wanted. Absent: it plans nothing. */
  plan?(policy: Policy, described: string, options: WriteOptions): Planned
  /** Of what was seen, in place of what the policy says. Absent: it draws nothing. */
  draw?(picture: Picture): Written
  /** What its file says of each program that it starts on a host. Absent: it starts none. */
  apps?(policy: Policy, host: HostName, options: WriteOptions): readonly ManagedApp[]
}

/** A program that a manager of processes starts. */
export interface ManagedApp {
  /** As the manager knows it. */
  readonly name: string
  /** The policy says that this manager runs it; false: it says nothing of who does. */
  readonly isNamed: boolean
  readonly start: {
    /** Relative to the folder of the deployment; absent: that folder. */
    readonly cwd?: string
    readonly script: string
    readonly args: readonly string[]
    /** `none`: the script is a program itself. Absent: as its ending says. */
    readonly interpreter?: string
  }
  /** The policy does not say how it is started: `start` is what most likely does. */
  readonly isGuessed: boolean
  readonly environment: ReadonlyMap<string, string>
  /** Where it listens when it does what it is told: at the first of several ports. */
  readonly listens: readonly { readonly protocol: Protocol; readonly address: '127.0.0.1' | '0.0.0.0'; readonly port: number }[]
}

/** The commands that would change what is there, and what they would change of it. */
export type Planned =
  | (Extract<Written, { readonly kind: 'written' }> & { readonly differences: readonly Difference[] })
  | Extract<Written, { readonly kind: 'refused' }>

/** What can be written from a policy. Adding one is adding a folder and a line in `writers.ts`. */
export interface WritableSystem {
  /** Stable, lower case: what `sallyport render` takes. */
  readonly name: string
  readonly title: string
  load(): Promise<Writer>
}
