import { type Allowed, admits } from './allowed.ts'
import { type HostText, readHostText } from './host-text.ts'

/** A variable by which programs are told where to listen. */
interface HostVariable {
  readonly name: string
  /** Who reads it. */
  readonly source: string
  /** Whether a name that is no address of loopback is refused too, since programs bind what it resolves to. Many are of servers elsewhere. */
  readonly names: 'refused' | 'ignored'
}

const VARIABLES: readonly HostVariable[] = [
  { name: 'HOST', source: 'E3, E8; Node frameworks, Nitro, SvelteKit, Create React App', names: 'refused' },
  { name: 'API_HOST', source: 'P1', names: 'refused' },
  { name: 'HOSTNAME', source: 'Next.js standalone server.js', names: 'ignored' },
  { name: 'BIND', source: 'by custom', names: 'ignored' },
  { name: 'BIND_ADDR', source: 'by custom', names: 'ignored' },
  { name: 'BIND_ADDRESS', source: 'by custom', names: 'ignored' },
  { name: 'BIND_HOST', source: 'by custom', names: 'ignored' },
  { name: 'LISTEN', source: 'by custom', names: 'ignored' },
  { name: 'LISTEN_ADDR', source: 'Go programs', names: 'ignored' },
  { name: 'LISTEN_ADDRESS', source: 'by custom', names: 'ignored' },
  { name: 'LISTEN_HOST', source: 'by custom', names: 'ignored' },
  { name: 'SERVER_HOST', source: 'by custom', names: 'ignored' },
  { name: 'SERVER_ADDRESS', source: 'Spring Boot', names: 'ignored' },
  { name: 'HTTP_HOST', source: 'by custom', names: 'ignored' },
  { name: 'WEB_HOST', source: 'by custom', names: 'ignored' },
  { name: 'APP_HOST', source: 'by custom', names: 'ignored' },
  { name: 'UVICORN_HOST', source: 'uvicorn, click auto_envvar_prefix', names: 'ignored' },
  { name: 'FLASK_RUN_HOST', source: 'flask run', names: 'ignored' },
  { name: 'NITRO_HOST', source: 'Nitro', names: 'ignored' },
  { name: 'NUXT_HOST', source: 'Nuxt', names: 'ignored' },
  { name: 'GRADIO_SERVER_NAME', source: 'Gradio', names: 'ignored' },
  { name: 'STREAMLIT_SERVER_ADDRESS', source: 'Streamlit', names: 'ignored' },
  { name: 'OLLAMA_HOST', source: 'Ollama', names: 'ignored' },
  { name: 'DASH_HOST', source: 'Dash', names: 'ignored' },
  { name: 'ASPNETCORE_URLS', source: 'ASP.NET Core', names: 'ignored' },
]

/** Why a program may not be started as it was asked for. */
export interface RefusedHost {
  /** As it was given. */
  readonly host: string
  /** Where: `HOST in the environment`, a place in a file, the command line. */
  readonly where: string
  readonly next: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** The first variable that would make a program listen where the policy does not let it (E8, P1). */
export function refusedVariable(environment: Environment, allowed: Allowed): RefusedHost | undefined {
  for (const { name, names } of VARIABLES) {
    const value = environment[name]
    // Nothing but a number is a port (LISTEN=8000); as HOST it is an address of inet_aton(3).
    if (value === undefined || (names === 'ignored' && /^[0-9;]*$/.test(value.trim()))) continue
    const wrong = value.split(/[;,]/).find((part) => !mayBind(readHostText(part), allowed, names === 'refused'))
    if (wrong !== undefined)
      return { host: wrong.trim(), where: `${name} in the environment`, next: `set ${name}=127.0.0.1, or take it out of the environment` }
  }
  return undefined
}

/** Whether the policy admits what the text binds. */
export function mayBind(host: HostText, allowed: Allowed, refuseNames: boolean): boolean {
  switch (host.kind) {
    case 'nothing':
      return true
    case 'name':
      return !refuseNames || allowed.beyond !== undefined
    case 'address':
      return admits(allowed, { protocol: allowed.beyond?.protocols[0] ?? 'tcp', address: host.address, port: host.port })
    default:
      return host satisfies never
  }
}

/** HOST, API_HOST, PORT and API_PORT as the program gets them: what was given and is allowed stays, all else is what the policy says. */
export function environmentFor(environment: Environment, allowed: Allowed): Record<string, string | undefined> {
  const host = allowed.beyond === undefined ? '127.0.0.1' : allowed.beyond.addresses === 'any' ? '0.0.0.0' : '127.0.0.1'
  const port = allowed.port === undefined ? {} : { PORT: String(allowed.port), API_PORT: String(allowed.port) }
  const given = Object.fromEntries(Object.entries(environment).filter(([name, value]) => value !== '' || !SET.includes(name)))
  return { HOST: host, API_HOST: host, ...port, ...given }
}

const SET: readonly string[] = ['HOST', 'API_HOST', 'PORT', 'API_PORT']
