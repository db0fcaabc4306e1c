import { type FilterLoader, type FilterStart, type Origin, Text } from '../../evidence/index.ts'
import { evidenceIn, type Reader, type Snapshot } from '../system.ts'
import { ALL, LOADERS, type LoaderRow, LOADS_RULES, SCRIPTS } from './loaders.ts'

/** Who enables a program at boot: systemd (systemd.unit(5), `WantedBy=`), OpenRC, and links of System V. */
const ENABLED: readonly string[] = [
  '/etc/systemd/system/*.wants/*',
  '/etc/systemd/system/*.requires/*',
  '/etc/runlevels/*/*',
  '/etc/rc[S2345].d/S*',
]

export const filterStartReader: Reader = {
  read(snapshot) {
    const looked = new Look(snapshot)
    const enabled = looked.paths(ENABLED)
    const services = new Set(enabled.map(serviceOf))
    const loaders = LOADERS.filter(({ services: own }) => own.some((service) => services.has(service))).flatMap((row) =>
      looked.program(row),
    )
    const scripts = looked.paths(SCRIPTS).flatMap((path) => looked.script(path))
    const claim: FilterStart = {
      claim: 'filter-start',
      loaders: [...loaders, ...scripts],
      // Where nothing at all is enabled, it is not known what starts the machine.
      complete: enabled.length > 0 && looked.complete,
    }
    const origin: Origin = { kind: 'kernel', path: '/etc/systemd/system' }
    const asks = looked.needs.size + looked.globs.size > 0
    return { evidence: asks ? [] : [evidenceIn(snapshot.context, claim, origin)], needs: [...looked.needs], globs: [...looked.globs] }
  },
}

/** `/etc/rc2.d/S01nftables` and `…wants/nftables.service` are `nftables`. */
function serviceOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return path.startsWith('/etc/rc') ? name.replace(/^S\d\d/, '') : name.replace(/\.service$/, '')
}

class Look {
  readonly needs = new Set<string>()
  readonly globs = new Set<string>()
  complete = true
  readonly #snapshot: Snapshot

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot
  }

  paths(patterns: readonly string[]): readonly string[] {
    return patterns.flatMap((pattern) => {
      const found = this.#snapshot.glob(pattern)
      if (found === undefined) this.globs.add(pattern)
      return found ?? []
    })
  }

  program({ program, files, loads, scripts }: LoaderRow): readonly FilterLoader[] {
    if (files.length === 0) return [{ program, loads }]
    const loaded = files.flatMap(({ path, tools }): readonly FilterLoader[] => {
      const text = this.#text(path)
      return text === undefined || !saysMore(text.content) ? [] : [{ program, loads: tools, origin: text.origin(0, 0) }]
    })
    const further = scripts === undefined ? [] : this.paths([scripts.pattern]).filter((path) => !scripts.own.test(path))
    return [...loaded, ...further.flatMap((path) => this.script(path))]
  }

  /** A script may load anything: what it loads is not followed. */
  script(path: string): readonly FilterLoader[] {
    const text = this.#text(path)
    // What is switched off by a comment does nothing.
    const found = text === undefined ? null : LOADS_RULES.exec(withoutComments(text.content))
    return found === null || text === undefined ? [] : [{ program: path, loads: ALL, origin: text.origin(0, 0) }]
  }

  #text(path: string): Text | undefined {
    const state = this.#snapshot.file(path)
    if (state === undefined) this.needs.add(path)
    else if (state.kind === 'text') return new Text(path, state.text)
    else if (state.kind === 'denied' || state.kind === 'too-large') this.complete = false
    return undefined
  }
}

/** Nor what a unit says of the order in which others are started. */
function withoutComments(text: string): string {
  return text.replace(/^\s*(?:#|;|(?:After|Before|Wants|Requires|PartOf|BindsTo|Conflicts|Description)=).*$/gm, '')
}

/** Whether a file of rules says more than empty tables and policies, as the files do that come with the packages. */
function saysMore(text: string): boolean {
  return /^\s*-[AI]\s|^:\S+ DROP\b|\b(?:accept|drop|reject|jump|goto|dnat|snat|redirect|masquerade|vmap|include|add)\b/m.test(
    withoutComments(text).replace(/\bpolicy accept\b/g, ''),
  )
}
