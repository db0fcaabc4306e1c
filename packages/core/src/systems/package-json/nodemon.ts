import type { Setting, Text } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'
import { setting } from '../secret.ts'
import { entriesOf, entry, originOf, passageOfScalar, readYaml, textOf, type Tree } from '../yaml.ts'

/** What a `nodemon` without options starts, and with which variables. */
export interface NodemonSettings {
  /** Under those that are set already (nodemon 3, lib/monitor/run.js). */
  readonly environment: ReadonlyMap<string, Setting>
  /** The command that runs in place of `node`. */
  readonly exec: Passage | undefined
  /** The file that runs where the command line names none. */
  readonly script: string | undefined
}

/** nodemon.json, or `nodemonConfig` of the package.json (nodemon 3, README: "Config files"); of the latter also `main`. */
export function nodemonSettings(file: Text | undefined, manifest: Text | undefined): NodemonSettings {
  const [pkg] = manifest === undefined ? [] : readYaml(manifest).documents
  const [own] = file === undefined ? [] : readYaml(file).documents
  const environment = new Map<string, Setting>()
  let exec: Passage | undefined
  let script = textOf(entry(pkg, 'main'))
  for (const config of [entry(pkg, 'nodemonConfig'), own]) {
    addVariables(entry(config, 'env'), environment)
    const command = entry(config, 'exec')
    if (command?.kind === 'scalar') exec = passageOfScalar(command)
    script = textOf(entry(config, 'script')) ?? script
  }
  return { environment, exec, script }
}

function addVariables(node: Tree | undefined, environment: Map<string, Setting>): void {
  for (const [name, { value }] of entriesOf(node)) {
    if (value.kind !== 'scalar') continue
    const origin = originOf(value)
    environment.set(name, setting(name, { kind: 'known', value: value.value, origin }, origin))
  }
}
