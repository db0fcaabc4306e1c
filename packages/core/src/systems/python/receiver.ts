import { ABSENT, type FileOrigin, type Value } from '../../evidence/index.ts'
import { readEndpoint } from '../programs/endpoint.ts'
import { argumentsOf } from './call-arguments.ts'
import type { Evaluator } from './evaluator.ts'
import { flaskSetting } from './flask-config.ts'
import type { Site } from './sites.ts'
import { choice, type Located, mapKnown, several, type Thing, valueOf } from './thing.ts'

/** What the object says of where it listens on which the method is called, for what the call itself leaves out. */
export interface ObjectSettings {
  readonly host: Value
  readonly port: Value
}

const NOTHING: ObjectSettings = { host: ABSENT, port: ABSENT }

export function settingsOfObject(evaluator: Evaluator, site: Site): ObjectSettings {
  const { call } = site.known
  if (call.serverName !== undefined) return serverName(evaluator, site.node.origin, call.serverName)
  return call.object === undefined ? NOTHING : made(evaluator, site, call.object)
}

/** `app.config["SERVER_NAME"] = "0.0.0.0:8080"`, as far as the folder says it. */
function serverName(evaluator: Evaluator, origin: FileOrigin, gives: 'both' | 'port'): ObjectSettings {
  const found = flaskSetting(evaluator, { kind: 'external', name: 'flask.Flask().config', origin }, 'SERVER_NAME', origin)
  if (found === undefined) return NOTHING
  const value = valueOf(found, origin)
  const options = (value.kind === 'choice' && value.when === undefined ? value.options : [value]).filter((one) => one.kind !== 'unknown')
  const end = readEndpoint(options.length === 0 ? ABSENT : choice(options, origin), { bare: 'host', every: '*' }, new Map())
  if (end.kind === 'elsewhere') return NOTHING
  // `:8080` gives the port alone.
  const host = mapKnown(end.host, (text, at) => (text === '*' ? ABSENT : { kind: 'known', value: text, origin: at }))
  return { host: gives === 'both' ? host : ABSENT, port: end.port }
}

/** `FastMCP("name", host=…)`, `mcp.settings.host = …`. */
function made(evaluator: Evaluator, site: Site, { settings }: { readonly settings?: string }): ObjectSettings {
  const callee = site.name.parent
  const object = callee?.kind === 'attribute' ? callee.field('object') : undefined
  if (object === undefined) return NOTHING
  const thing = evaluator.ask({ node: object, frame: undefined })
  const said = (name: 'host' | 'port'): Value => {
    const given = (thing.kind === 'several' ? thing.options : [thing]).flatMap((one): readonly Thing[] => {
      if (one.kind !== 'external' || one.call === undefined) return []
      const keyword = argumentsOf(one.call.node, one.call.frame).keywords.get(name)
      return keyword === undefined ? [] : [evaluator.ask(keyword)]
    })
    const owner = settings === undefined ? object.content : `${object.content}.${settings}`
    const written = evaluator.moduleOf(object)?.writes(owner, name).at(-1)
    const last: Located | undefined = written === undefined ? undefined : { node: written.value, frame: undefined }
    if (last !== undefined) return evaluator.value(last)
    return given.length === 0 ? ABSENT : valueOf(several(given, site.node.origin), site.node.origin)
  }
  return { host: said('host'), port: said('port') }
}
