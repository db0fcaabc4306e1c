import { type AuditReport, CATALOGUE, type Finding } from '@sallyport/core/audit'
import { counted, placeText } from './words.ts'

/** Whether a finding makes the command fail. */
export type Fails = (finding: Finding) => boolean

/**
 * The report in the form that CI systems show tests in (JUnit XML, as the Jenkins xUnit plugin's junit-10.xsd has it): a suite a host, a case a
 * rule, and of each rule that found something that fails one failure with all of it. What does not fail is the output of its case.
 */
export function junitReport(reports: readonly AuditReport[], fails: Fails): string {
  const suites = reports.map((report) => suite(report, fails))
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', { name: 'sallyport' }, suites)}\n`
}

function suite({ host, findings, score }: AuditReport, fails: Fails): string {
  const cases = CATALOGUE.map(({ id, title }) => {
    const found = findings.filter(({ rule }) => rule === id)
    const failing = found.filter(fails)
    const passing = found.filter((finding) => !fails(finding))
    const inner = [
      ...(failing.length === 0 ? [] : [element('failure', { type: id, message: summary(failing) }, [text(failing)])]),
      ...(passing.length === 0 ? [] : [element('system-out', {}, [text(passing)])]),
    ]
    return { failed: failing.length > 0, xml: element('testcase', { classname: 'sallyport', name: `${id}: ${title}` }, inner) }
  })
  const failures = cases.filter(({ failed }) => failed).length
  const properties = element('properties', {}, [element('property', { name: 'score', value: String(score.value) }, [])])
  const about = { name: host?.name ?? 'files', tests: String(cases.length), failures: String(failures), errors: '0', skipped: '0' }
  return element('testsuite', about, [properties, ...cases.map(({ xml }) => xml)])
}

function summary([first, ...others]: readonly Finding[]): string {
  return `${first?.message ?? ''}${others.length === 0 ? '' : `, and ${counted(others.length, 'more finding')}`}`
}

function text(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ severity, message, places, fix }) => [
    `${severity}: ${message}`,
    ...places.map(({ role, origin }) => `  ${placeText(origin)}  ${role}`),
    `  fix: ${fix}`,
  ])
  return escaped(lines.join('\n'))
}

function element(name: string, attributes: Readonly<Record<string, string>>, children: readonly string[]): string {
  const start = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${escaped(value)}"`)].join(' ')
  return children.length === 0 ? `<${start}/>` : `<${start}>${children.join('\n')}</${name}>`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** XML 1.0 §2.2 and §2.4. What is shown has no control characters any more. */
function escaped(value: string): string {
  return value.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? '').replaceAll(/[\ufffe\uffff]/g, '\ufffd')
}
