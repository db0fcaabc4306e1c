/** What one check comes to. */
export interface Result {
  readonly id: CheckId
  /** `unknown`: the server's answers do not tell; `skipped`: it does not apply here. */
  readonly verdict: 'pass' | 'fail' | 'unknown' | 'skipped'
  /** What was seen, one thing each. */
  readonly seen: readonly string[]
}

interface Check {
  readonly title: string
  readonly requirement: string
  /** What a page, a neighbour or a proxy could do. */
  readonly matters: string
  readonly next: string
}

/** Everything that is checked, in the order of the report. */
export const CHECKS = {
  binding: {
    title: 'listens on loopback alone',
    requirement: 'P1, P11',
    matters: 'every neighbour in the network can talk to it',
    next: 'bind 127.0.0.1 or ::1: `sallyport run -- COMMAND` holds it to that',
  },
  neighbours: {
    title: 'refuses connections to the machine’s other addresses',
    requirement: 'P2, P11',
    matters: 'a port that is forwarded or bound beside it leads in',
    next: 'see who listens there with `sallyport explain PORT`',
  },
  host: {
    title: 'refuses a Host that is not its own',
    requirement: 'P7, P11',
    matters: 'a page whose own name was made to mean this machine (DNS rebinding) reads everything',
    next: 'check Host against a list: the guard’s option `hosts`, or `server_name` with a default server that refuses',
  },
  'proxy-headers': {
    title: 'refuses the headers of proxies',
    requirement: 'P3, P11',
    matters: 'whoever sends them is taken for another address, or the server stands behind a tunnel that nobody meant',
    next: 'refuse all six by their presence: the guard does',
  },
  origin: {
    title: 'lets no foreign page read its answers',
    requirement: 'P4, P11',
    matters: 'a page of any site reads the data with the browser of whoever works here',
    next: 'allow an exact list of origins, never *, null or an echo',
  },
  preflight: {
    title: 'lets no foreign page send what needs asking first',
    requirement: 'P4, P7',
    matters: 'a page of any site changes data here',
    next: 'answer preflights of listed origins only, and Access-Control-Allow-Private-Network to none',
  },
  websocket: {
    title: 'refuses a WebSocket of a foreign page',
    requirement: 'P7, P11',
    matters: 'CORS does not hold WebSockets: a page of any site speaks with it',
    next: 'check Origin before the upgrade: the guard does',
  },
  headers: {
    title: 'sends its protecting headers with every answer',
    requirement: 'P5',
    matters: 'an error page that may be framed or sniffed is a page like any other',
    next: 'set X-Content-Type-Options: nosniff, X-Frame-Options: DENY and X-Localhost-Only: true where errors pass, too',
  },
  http2: {
    title: 'holds HTTP/2 to the same',
    requirement: 'P7, P11',
    matters: 'what is refused by HTTP/1.1 passes by HTTP/2',
    next: 'check :authority and headers there as well',
  },
  paths: {
    title: 'serves nothing outside its folder',
    requirement: 'P11',
    matters: 'files of the machine can be read',
    next: 'refuse dot segments in every encoding before a path is used',
  },
} as const satisfies Readonly<Record<string, Check>>

export type CheckId = keyof typeof CHECKS
