import { argumentsOf } from '../source/syntax.ts'
import type { Evaluator } from '../values/evaluator.ts'
import type { Meaning } from '../values/meaning.ts'
import type { MethodCall } from '../values/methods.ts'
import type { Packages } from '../values/packages.ts'
import { serverSetting } from './application-settings.ts'
import { commandLine, parsedCommandLine, parsedProperty } from './command-line.ts'
import { convictMethod } from './convict.ts'
import { readFile, textMethod } from './file-data.ts'
import { nestService, nestSetting } from './nest-settings.ts'
import { nodeConfigMethod, nodeConfigProperty } from './node-config.ts'
import { registeredEnvironment, schemaCall, validatedEnvironment } from './schemas.ts'

/** The packages from which programs take their settings: files, command lines, schemas of environments, an application's own. */
export const SETTINGS: Packages = {
  call: (call, evaluator) => readFile(call, evaluator) ?? validatedEnvironment(call, evaluator) ?? parsedCommandLine(call, evaluator),
  method: (method, evaluator) =>
    textMethod(method, evaluator) ??
    nodeConfigMethod(method, evaluator) ??
    convictMethod(method, evaluator) ??
    schemaCall(method, evaluator) ??
    commandLine(method, evaluator) ??
    nestSetting(method, evaluator) ??
    askedOfServer(method, evaluator),
  property: (object, name, at, evaluator) => {
    switch (object.kind) {
      case 'library':
        return nodeConfigProperty(object.name, name, at, evaluator)
      case 'result':
        return parsedProperty(object, name, evaluator)
      case 'server':
        return object.type === 'fastify' ? registeredEnvironment(name, at, evaluator) : undefined
      default:
        return undefined
    }
  },
}

/** `app.get('port')`, `app.get(ConfigService)`. */
function askedOfServer(method: MethodCall, evaluator: Evaluator): Meaning | undefined {
  const { receiver, name, call } = method
  if (receiver.kind !== 'server' || name !== 'get' || argumentsOf(call).length > 1) return undefined
  return serverSetting(method, receiver, evaluator) ?? nestService(method, evaluator)
}
