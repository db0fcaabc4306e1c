import type { Bind, FileOrigin } from '../../evidence/index.ts'
import { endsOf } from './binds.ts'
import { runsOf } from './entries.ts'
import type { Evaluator } from './evaluator.ts'
import { PYTHON_FRAMEWORKS } from './frameworks.ts'
import type { Module } from './module.ts'
import type { Node } from '../tree.ts'
import { bare, literalText } from './syntax.ts'
import { isTestCode } from './test-code.ts'
import { mapKnown, valueOf } from './thing.ts'

interface Found {
  readonly claim: Bind
  readonly origin: FileOrigin
}

const GUNICORN_FILE = /(?:^|\/)(?:gunicorn[\w.-]*|[\w-]*\.conf)\.py$/
const SOURCE = /\bgunicorn\b|\bcherrypy\b/

export function mayConfigure(path: string, content: string): boolean {
  return GUNICORN_FILE.test(path) ? content.includes('bind') : SOURCE.test(content)
}

/** Servers whose address is set by name rather than by a call: gunicorn's configuration files and options, CherryPy's settings. */
export function configuredBy(evaluator: Evaluator, module: Module): readonly Found[] {
  return [...gunicornFile(evaluator, module), ...gunicornOptions(evaluator, module), ...cherrypy(evaluator, module)]
}

function bindOf(evaluator: Evaluator, id: string, at: Node, value: Pick<Bind, 'host' | 'port' | 'emptyHost'>): Found {
  const framework = PYTHON_FRAMEWORKS.find((row) => row.id === id)
  const claim: Bind = {
    claim: 'bind',
    framework: id,
    language: 'python',
    protocol: 'tcp',
    ...value,
    defaultHost: framework?.defaultHost ?? '*',
    ...(framework?.defaultPort === undefined ? {} : { defaultPort: framework.defaultPort }),
    test: isTestCode(at.file),
    ...runsOf(evaluator, at, true),
  }
  return { claim, origin: at.origin }
}

/** `bind = "0.0.0.0:8000"`, or a list, at the top of gunicorn.conf.py. */
function gunicornFile(evaluator: Evaluator, module: Module): readonly Found[] {
  if (!GUNICORN_FILE.test(module.path)) return []
  const definitions = module.exported('bind')
  const last = definitions.at(-1)
  if (last?.kind !== 'assignment') return []
  return gunicornEnds(evaluator, last.node.field('left') ?? last.node, evaluator.defined(definitions, module.root, undefined))
}

function gunicornEnds(evaluator: Evaluator, at: Node, thing: Parameters<typeof endsOf>[1]): readonly Found[] {
  const ends = endsOf(evaluator, thing, 'host', at.origin)
  if (ends === 'elsewhere') return []
  return ends.map((end) => {
    const host = mapKnown(end.host, (value, origin) => ({
      kind: 'known',
      value: value === '' || value === '*' ? '0.0.0.0' : value,
      origin,
    }))
    return bindOf(evaluator, 'gunicorn', at, { ...end, host, emptyHost: '0.0.0.0' })
  })
}

/** `{"bind": "0.0.0.0:8000"}` handed to an application of gunicorn's own (gunicorn.app.base). */
function gunicornOptions(evaluator: Evaluator, module: Module): readonly Found[] {
  const { content } = module.file
  if (!/\bgunicorn\.app\b/.test(content)) return []
  return pairsNamed(module, 'bind').flatMap(({ key, value }) =>
    gunicornEnds(evaluator, key, evaluator.ask({ node: value, frame: undefined })),
  )
}

/** The pairs of dictionaries whose key is this text. */
function pairsNamed(module: Module, name: string): readonly { readonly key: Node; readonly value: Node }[] {
  return module.strings(name).flatMap((string) => {
    const pair = string.parent
    const value = pair?.kind === 'pair' && pair.field('key') === string ? pair.field('value') : undefined
    return value === undefined || literalText(string) !== name ? [] : [{ key: string, value }]
  })
}

/** `cherrypy.quickstart()` with `server.socket_host` set by a dictionary or as an attribute. */
function cherrypy(evaluator: Evaluator, module: Module): readonly Found[] {
  if (!module.file.content.includes('cherrypy')) return []
  const starts = [...module.occurrences('quickstart'), ...module.occurrences('start')].filter(
    (name) => /^cherrypy\.(?:quickstart|engine\.start)$/.test(name.parent?.content ?? '') && name.parent?.parent?.kind === 'call',
  )
  return starts.slice(0, 1).map((name) => {
    const setting = (option: string): Bind['host'] => {
      const value = pairsNamed(module, `server.${option}`).at(-1)?.value ?? module.writes('cherrypy.server', option).at(-1)?.value
      return value === undefined ? { kind: 'absent' } : valueOf(evaluator.ask({ node: bare(value), frame: undefined }), value.origin)
    }
    return bindOf(evaluator, 'cherrypy', name, { host: setting('socket_host'), port: setting('socket_port') })
  })
}
