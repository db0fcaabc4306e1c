/** The ten services of examples/engines, and the line of each that says where it listens. */
export const SERVICES = [
  ['billing-engine', 7001],
  ['pricing-engine', 7002],
  ['inventory-engine', 7003],
  ['search-engine', 7004],
  ['recommendation-engine', 7005],
  ['analytics-engine', 7006],
  ['workflow-engine', 7007],
  ['email-service', 7008],
  ['video-service', 3002],
  ['speech-service', 8000],
].map(([name, port]) => describe(String(name), Number(port)))

export const PORTS = SERVICES.map(({ port }) => port)

export interface Service {
  readonly name: string
  readonly port: number
  /** The file that listens, and a text that only the line has which does. */
  readonly source: readonly [path: string, text: string]
  /** Where nginx serves it. */
  readonly route: string
}

function describe(name: string, port: number): Service {
  const route = `/${name.replace(/-(?:engine|service)$/, '')}/`
  if (name === 'speech-service') return { name, port, source: ['speech-service/main.py', 'uvicorn.run('], route }
  return { name, port, source: [name.endsWith('-engine') ? `${name}/src/index.ts` : `${name}/server.js`, 'app.listen('], route }
}
