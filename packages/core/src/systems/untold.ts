import type { FileOrigin, Value } from '../evidence/index.ts'

/** Calls into packages that no row knows: what tells that one starts a server, in any language. */

/** Every address, as a text of its own or at the beginning of an endpoint; what stands in the group is the port. */
export const EVERY_ADDRESS = /^(?:[a-z][\w.+]{0,20}:\/\/)?(?:0\.0\.0\.0|\[::\]|::)(?::(\d{1,5}))?(?:\/[^\s]*)?$/

/** The same in the text of a file, with the quote before it. */
export const QUOTED_EVERY_ADDRESS = /['"](?:[a-z][\w.+]{0,20}:\/\/)?(?:0\.0\.0\.0|::['"]|\[::\])/g

/** Whether there is anything to look for in a file. */
export const mayBeUntold = (content: string): boolean => content.search(QUOTED_EVERY_ADDRESS) >= 0

/** The names of what is listened on. */
export const HOST_NAME = /^(?:[\w$]{1,40}_)?(?:host|hostname|hostip|host_ip|address|addr|interface|bind|bind_?address|listen|ip)$/i
export const PORT_NAME = /^(?:[\w$]{1,40}_)?port$/i

/** What is called so starts something; of any other call a host beside a port has to be named. */
const STARTS = /(?:^|_)(?:run|serve|start|listen|launch|bind)|server|srv$/i

/** What connects or describes, whatever else its name says. */
const NEVER = /client|connect|(?:config|configuration|options|settings|params|schema|model|info|urls?|address|endpoint)$/i

/** Calls that tell or put together: no server is started by them. */
const OTHER =
  /channel|session|request|fetch|ping|publish|proxy|config|^(?:redis|namespace|ip)|(?:^|_)(?:error|print|dict|object|equal|freeze|assign|stringify|extend|push|option|argument|field|default|warning|debug)$|^(?:get|set|add|log|info|warn|merge|update|create|build|make|define|dumps?|parse|format|validate|post|put|with|to|is|has)(?=[A-Z_]|$)/

/** Whether a call of that name, told every address, may start a server. `isNamed`: names say that a host stands beside a port. */
export function mayStartServer(name: string, isNamed: boolean): boolean {
  if (/^set_?endpoint$/i.test(name)) return true
  return !NEVER.test(name) && (STARTS.test(name) || (isNamed && !OTHER.test(name)))
}

export function untoldHost(name: string, origin: FileOrigin): Value {
  return { kind: 'unknown', reason: `${name} is not known, and is told every address`, origin }
}
