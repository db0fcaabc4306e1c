import {
  ABSENT,
  type FileOrigin,
  knownText,
  pathGlob,
  type PortRange,
  type Protocol,
  type Setting,
  type Text,
  type Value,
  type Word,
} from '../../evidence/index.ts'
import { readRange } from '../compose/ports.ts'
import { interpolate } from '../dotenv/interpolate.ts'
import { parseJson } from '../json.ts'
import { type Passage, partOf } from '../passage.ts'
import { joinPath, nameOf } from '../paths.ts'
import { proxyFile } from '../proxy-files.ts'
import { literalText, setting, wordsOf } from '../secret.ts'
import { type Instruction, parseDockerfile } from './parse.ts'

/** What a container is started with. */
export type Command =
  | {
      readonly form: 'exec'
      readonly words: readonly Word[]
      /** The words whole, for what a shell is given to run: `words` has no secrets. */
      readonly raw: readonly Value[]
      readonly origin: FileOrigin
    }
  /** Run by `/bin/sh -c`. */
  | { readonly form: 'shell'; readonly text: Passage; readonly origin: FileOrigin }

/** `COPY config.production.js config.js`. */
export interface RenamedFile {
  /** Relative to the folder. */
  readonly file: string
  /** Its absolute path in the image. */
  readonly place: string
  readonly origin: FileOrigin
}

type Copied = (file: string) => boolean

/** One stage of a Dockerfile, with what it takes over from the stages that it is built on. */
export interface Stage {
  readonly name: string | undefined
  readonly entrypoint: Command | undefined
  readonly command: Command | undefined
  readonly environment: ReadonlyMap<string, Setting>
  /** Absolute; `/` where none is set; `undefined` where it is not known. */
  readonly workingDirectory: string | undefined
  /** Directories of the image and the directory of the folder that each was copied from. */
  readonly mounts: ReadonlyMap<string, string>
  /** Files of the folder that get another name in the image. */
  readonly renamed: readonly RenamedFile[]
  /** Which files of the folder, relative to it, each COPY takes, but for what the build's context leaves out; `undefined`: that of one is not known. */
  readonly copied: readonly Copied[] | undefined
  /** Files and directories of the folder that are copied to where proxies have their configuration. */
  readonly proxyFiles: readonly string[]
  readonly exposed: readonly { readonly ports: PortRange; readonly protocol: Protocol }[]
  /** What this stage itself runs while it is built, and where. */
  readonly runs: readonly { readonly text: Passage; readonly workingDirectory: string | undefined }[]
  readonly origin: FileOrigin
}

export interface DockerfileStages {
  readonly stages: readonly Stage[]
  readonly problems: readonly { readonly reason: string; readonly origin: FileOrigin }[]
}

interface Draft {
  name: string | undefined
  entrypoint: Command | undefined
  command: Command | undefined
  /** `command` is of this stage, not of one below. */
  ownCommand: boolean
  readonly environment: Map<string, Setting>
  /** Values of ENV and ARG, whole: for references in later instructions. */
  readonly variables: Map<string, Value>
  workingDirectory: string | undefined
  readonly mounts: Map<string, string>
  readonly renamed: RenamedFile[]
  copied: readonly Copied[] | undefined
  readonly proxyFiles: string[]
  readonly exposed: { ports: PortRange; protocol: Protocol }[]
  readonly runs: { readonly text: Passage; readonly workingDirectory: string | undefined }[]
  readonly origin: FileOrigin
}

/** Mounts of one image: each COPY is one at most. */
const MOUNTS = 200

/** Reads the stages of a Dockerfile. `context`: the directory, relative to the folder, that COPY takes files from. */
export function readStages(text: Text, context: string | undefined, given: ReadonlyMap<string, Value> = new Map()): DockerfileStages {
  const { instructions, problems } = parseDockerfile(text)
  const reader = new StageReader(context, given)
  for (const instruction of instructions) reader.take(instruction, text)
  return {
    stages: reader.stages,
    problems: [...problems.map(({ reason, start, end }) => ({ reason, origin: text.origin(start, end) })), ...reader.problems],
  }
}

/** The stage that is built: the one named (or numbered), the last where none is. */
export function stageFor(stages: readonly Stage[], target: string | undefined): Stage | undefined {
  if (target === undefined || target === '') return stages.at(-1)
  return stages.find((stage) => stage.name === target.toLowerCase()) ?? (/^\d{1,4}$/.test(target) ? stages[Number(target)] : undefined)
}

class StageReader {
  readonly stages: Draft[] = []
  readonly problems: { reason: string; origin: FileOrigin }[] = []
  readonly #context: string | undefined
  readonly #given: ReadonlyMap<string, Value>
  /** ARG before the first FROM. */
  readonly #global = new Map<string, Value>()

  constructor(context: string | undefined, given: ReadonlyMap<string, Value>) {
    this.#context = context
    this.#given = given
  }

  take(instruction: Instruction, text: Text): void {
    const { keyword } = instruction
    const origin = text.origin(instruction.start, instruction.end)
    const stage = this.stages.at(-1)
    if (keyword === 'FROM') return this.#from(instruction, origin)
    if (keyword === 'ARG') return this.#argument(instruction, stage)
    if (stage === undefined) return void this.problems.push({ reason: `${keyword} before the first FROM`, origin })
    switch (keyword) {
      case 'ENV':
        for (const [name, value, place] of assignments(instruction.text)) {
          const known = this.#interpolated(value, stage)
          stage.variables.set(name, known)
          stage.environment.set(name, setting(name, known, place))
        }
        return
      case 'WORKDIR': {
        const path = knownText(this.#interpolated(instruction.text, stage))
        stage.workingDirectory =
          path === undefined || stage.workingDirectory === undefined ? undefined : joinPath(stage.workingDirectory, unquoted(path))
        return
      }
      case 'EXPOSE':
        for (const [word] of instruction.text.content.slice(0, 5000).matchAll(/\S+/g)) this.#expose(word, stage)
        return
      case 'COPY':
      case 'ADD':
        return this.#copy(instruction, stage, origin)
      case 'RUN':
        stage.runs.push({ text: instruction.text, workingDirectory: stage.workingDirectory })
        return
      case 'ENTRYPOINT':
        stage.entrypoint = commandOf(instruction.text, origin)
        // What the image below set is not handed to another program (reference: ENTRYPOINT); what this stage set is.
        if (!stage.ownCommand) stage.command = undefined
        return
      case 'CMD':
        stage.command = commandOf(instruction.text, origin)
        stage.ownCommand = true
        return
      default:
    }
  }

  #from(instruction: Instruction, origin: FileOrigin): void {
    const match = /^(\S+)(?:\s+AS\s+(\S+))?\s*$/i.exec(instruction.text.content.slice(0, 1000))
    const image =
      match?.[1] === undefined
        ? ''
        : literalText(interpolate(partOf(instruction.text, 0, match[1].length), (name) => this.#global.get(name)).value)
    const base = stageFor(this.stages, image === '' ? 'none' : image) as Draft | undefined
    this.stages.push({
      name: match?.[2]?.toLowerCase(),
      entrypoint: base?.entrypoint,
      command: base?.command,
      ownCommand: false,
      environment: new Map(base?.environment),
      variables: new Map(base?.variables),
      workingDirectory: base === undefined ? '/' : base.workingDirectory,
      mounts: new Map(base?.mounts),
      renamed: [...(base?.renamed ?? [])],
      copied: base === undefined ? [] : base.copied,
      proxyFiles: [...(base?.proxyFiles ?? [])],
      exposed: [...(base?.exposed ?? [])],
      runs: [],
      origin,
    })
  }

  #argument(instruction: Instruction, stage: Draft | undefined): void {
    for (const [, name = '', equals] of instruction.text.content.slice(0, 2000).matchAll(/(?:^|\s)([A-Za-z_]\w{0,100})(=)?/g)) {
      const found = equals === undefined ? undefined : [...assignments(instruction.text)].find(([assigned]) => assigned === name)
      const fallback = found === undefined ? this.#global.get(name) : this.#interpolated(found[1], stage)
      const value = this.#given.get(name) ?? fallback
      if (value === undefined) continue
      if (stage === undefined) this.#global.set(name, value)
      // ENV wins over ARG of the same name (reference: Using ARG variables).
      else if (!stage.environment.has(name)) stage.variables.set(name, value)
    }
  }

  #interpolated(passage: Passage, stage: Draft | undefined): Value {
    return interpolate(passage, (name) => (stage?.variables ?? this.#global).get(name)).value
  }

  #expose(word: string, stage: Draft): void {
    const [text = '', protocol = 'tcp'] = word.split('/')
    const known = /^\$\{?(\w+)\}?$/.exec(text)?.[1]
    const value = known === undefined ? text : knownText(stage.variables.get(known) ?? ABSENT)
    const ports = value === undefined ? undefined : readRange(value)
    if (ports !== undefined && stage.exposed.length < MOUNTS)
      stage.exposed.push({ ports, protocol: protocol.toLowerCase() === 'udp' ? 'udp' : 'tcp' })
  }

  /** `COPY src dest`: where in the image the files of the folder are. */
  #copy(instruction: Instruction, stage: Draft, origin: FileOrigin): void {
    const json = parseJson(instruction.text.content)
    const words = Array.isArray(json)
      ? json.map(String)
      : instruction.text.content
          .slice(0, 5000)
          .split(/\s+/)
          .filter((word) => word !== '')
    const from = instruction.flags.get('from')
    const source = from === undefined ? undefined : stageFor(this.stages, from)
    stage.copied = this.#copiedBy(words, source, from !== undefined, stage.copied)
    if (
      words.length < 2 ||
      (from !== undefined && source === undefined) ||
      stage.workingDirectory === undefined ||
      stage.mounts.size >= MOUNTS
    )
      return
    const target = joinPath(stage.workingDirectory, unquoted(words.at(-1) ?? ''))
    if (target === undefined || words.some((word) => word.includes('$') || word.includes('<<'))) return
    for (const word of words.slice(0, -1)) {
      const path = unquoted(word)
      const inFolder = source === undefined ? this.#inContext(path) : inStage(source, path)
      const copied = inFolder ?? (path.includes('*') ? this.#inContext(directoryAbove(path)) : undefined)
      const configuration = copied === undefined ? undefined : proxyFile(target, copied)
      if (configuration !== undefined && stage.proxyFiles.length < MOUNTS) stage.proxyFiles.push(configuration)
      if (inFolder === undefined) continue
      if (words.length === 2 && nameOf(inFolder) !== nameOf(target)) stage.renamed.push({ file: inFolder, place: target, origin })
      // A file keeps its name below a directory; a directory's contents go into it (reference: COPY).
      const directory = /(?:^|\/)[^/]*\.[^/]*$/.test(path) && path !== '.' && !/(?:^|\/)\.\.?$/.test(path)
      const files = directory ? directoryAbove(inFolder) : inFolder
      const place = directory && /(?:^|\/)[^/]+\.[^/]+$/.test(words.at(-1) ?? '') ? directoryAbove(target) : target
      if (!stage.mounts.has(place) || !directory) stage.mounts.set(place, files)
    }
  }

  #copiedBy(
    words: readonly string[],
    source: Stage | undefined,
    isOfStage: boolean,
    before: readonly Copied[] | undefined,
  ): readonly Copied[] | undefined {
    if (isOfStage && source === undefined) return before
    if (before === undefined || words.some((word) => word.includes('$') || word.includes('<<'))) return undefined
    const of = source?.copied
    if (isOfStage && of === undefined) return undefined
    const found = words.slice(0, -1).map((word): Copied => {
      const path = unquoted(word)
      const written = source === undefined ? joinPath(this.#context ?? '', path.replace(/^\/+/, '')) : inStage(source, path)
      if (written === undefined) return () => false
      const glob = pathGlob(written)
      const takes = (file: string): boolean => written === '' || file.startsWith(`${written}/`) || glob.matches(file)
      return of === undefined ? takes : (file) => takes(file) && of.some((one) => one(file))
    })
    return [...before, ...found].slice(-MOUNTS)
  }

  #inContext(path: string): string | undefined {
    if (this.#context === undefined || path.includes('*') || /^[a-z]+:\/\//i.test(path)) return undefined
    const inside = joinPath('', path.replace(/^\/+/, ''))
    return inside === undefined ? undefined : joinPath(this.#context, inside)
  }
}

/** Where a path of another stage is in the folder: through what was copied there. */
function inStage(stage: Stage, path: string): string | undefined {
  const absolute = joinPath('/', path)
  if (absolute === undefined) return undefined
  let best: { readonly length: number; readonly found: string | undefined } | undefined
  for (const [place, files] of stage.mounts) {
    const below =
      place === '/' ? absolute : absolute === place ? '' : absolute.startsWith(`${place}/`) ? absolute.slice(place.length) : undefined
    if (below !== undefined && (best === undefined || place.length > best.length))
      best = { length: place.length, found: joinPath(files, below.replace(/^\/+/, '')) }
  }
  return best?.found
}

function directoryAbove(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '' : path.slice(0, slash) || (path.startsWith('/') ? '/' : '')
}

function unquoted(text: string): string {
  return text.replace(/^(["'])(.*)\1$/, '$2')
}

/** `K=V K2="V 2"`, or the old `K V`. */
function* assignments(text: Passage): Generator<readonly [string, Passage, FileOrigin]> {
  const content = text.content.slice(0, 20_000)
  if (!/^[A-Za-z_][\w.-]*=/.test(content)) {
    const match = /^([A-Za-z_][\w.-]*)\s+/.exec(content)
    if (match?.[1] !== undefined) yield [match[1], partOf(text, match[0].length, content.length), text.origin(0, content.length)]
    return
  }
  for (const match of content.matchAll(/([A-Za-z_][\w.-]*)=("(?:[^"\\]|\\.)*"|'[^']*'|(?:[^\s"'\\]|\\.)*)/g)) {
    const [whole, name = '', value = ''] = match
    const start = match.index + name.length + 1
    const quoted = /^["']/.test(value) ? 1 : 0
    yield [name, partOf(text, start + quoted, match.index + whole.length - quoted), text.origin(match.index, match.index + whole.length)]
  }
}

/** The exec form is a JSON array; anything else goes to a shell. */
function commandOf(text: Passage, origin: FileOrigin): Command {
  const json = /^\s*\[/.test(text.content.slice(0, 100)) ? parseJson(text.content) : undefined
  if (!Array.isArray(json) || !json.every((item) => typeof item === 'string')) return { form: 'shell', text, origin }
  const places = [...text.content.matchAll(/"(?:[^"\\]|\\.)*"/g)]
  const words = (json as readonly string[]).slice(0, 1000).map((value, index) => {
    const match = places[index]
    const place = match === undefined ? origin : text.origin(match.index, match.index + match[0].length)
    return { value: { kind: 'known' as const, value, origin: place }, source: value, origin: place }
  })
  return { form: 'exec', words: wordsOf(words), raw: words.map(({ value }) => value), origin }
}
