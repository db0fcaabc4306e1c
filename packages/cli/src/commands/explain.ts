import { EXIT } from '../exit.ts'
import { Failure } from '../failure.ts'
import { askedSender } from '../query/asked.ts'
import { look, type LookOptions, refuseFolder, type Scope } from './look.ts'
import { type Subject, subjectsAtPort, subjectsOf } from '../query/subject.ts'
import { mayBe } from '../query/unseen.ts'
import { endpointText, gapWords } from '../report/words.ts'

export interface ExplainOptions extends LookOptions {
  readonly format: 'text' | 'json'
  readonly from?: string
  readonly protocol?: 'tcp' | 'udp'
  readonly folder: string
}

/** `sallyport explain SERVICE|PORT [--from SOURCE|ADDRESS]`: the packet's way, one line a step; or what stops it. */
export async function explain(subject: string, options: ExplainOptions): Promise<number> {
  const report = await look(options.folder, options)
  const asked = askedSender(options.from, report.policy)
  const subjects = subjectsOf(report, subject, options.protocol)
  if (subjects.length === 0) {
    if (/^\d+$/.test(subject) && !isPort(Number(subject)))
      throw new Failure(`${subject} is no port, and nothing here is called so`, 'name a service, or a port from 1 to 65535')
    const others = subjectsAtPort(report, subject).map(atPort)
    if (others.length > 0)
      throw new Failure(
        `nothing here listens on ${options.protocol === undefined ? '' : `${options.protocol} `}${subject}, or is said to`,
        `what has that port: ${others.slice(0, MOST_NAMES).join('; ')}`,
      )
    refuseFolder(subject)
    const unseen = mayBe(report, subject)
    const names = [...new Set(report.rows.map((item) => item.name))]
    throw new Failure(
      `nothing ${unseen.length === 0 ? '' : 'that was seen '}here is called ${subject}, listens on that port, or is said to`,
      names.length === 0
        ? `nothing was found ${WHERE[options.scope](options.folder)}; name the deployment with --folder`
        : `what there is: ${names.slice(0, MOST_NAMES).join(', ')}${names.length > MOST_NAMES ? `, and ${names.length - MOST_NAMES} more (sallyport check lists them)` : ''}`,
      unseen.map(({ claim }) => `not seen: ${gapWords(claim)}`),
    )
  }
  if (options.format === 'json') {
    const { explainData } = await import('../report/explain-data.ts')
    process.stdout.write(`${JSON.stringify(explainData(report, subject, subjects, asked, options), null, 2)}\n`)
  } else {
    const { explainText } = await import('../report/explain.ts')
    process.stdout.write(explainText(report, subjects, asked))
  }
  return EXIT.clean
}

/** Where it listens; by which protocols it would, where it does not. */
function atPort({ row, endpoints, predicted }: Subject): string {
  const places = endpoints.map(({ endpoint }) => `${endpoint.protocol} ${endpointText(endpoint)}`)
  if (places.length > 0) return `${row.name} on ${places.join(', ')}`
  const protocols = new Set([...predicted.map(({ protocol }) => protocol), ...(row.declared?.protocols ?? [])])
  return `${row.name}, which does not listen now (${[...protocols].join(', ')})`
}

function isPort(number: number): boolean {
  return number >= 1 && number <= 65_535
}

/** So many names are still read. */
const MOST_NAMES = 20

const WHERE: Readonly<Record<Scope, (folder: string) => string>> = {
  folder: (folder) => `in ${folder}`,
  host: () => 'on this machine',
  both: (folder) => `in ${folder} or on this machine`,
}
