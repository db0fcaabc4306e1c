import { PORT_LEVELS, portLevel, PORT_USES, PORTS_TO_AVOID, portUse } from '@sallyport/core/audit'
import type { FreePort, UsedPort } from '../query/ports.ts'
import { portsText as ranges } from './words.ts'

/** The words of `sallyport ports`: what is here first, then what is free, then the tables. */
export function portsText(used: readonly UsedPort[], free: readonly FreePort[]): string {
  return `${[usedText(used), freeText(free), levels(), avoided()].join('\n\n')}\n`
}

function usedText(used: readonly UsedPort[]): string {
  if (used.length === 0) return 'No port is in use or declared here.'
  const ports = used.map((item) => ranges([item.ports]))
  const width = Math.max(...ports.map((text) => text.length)) + 2
  return [
    'Ports here',
    ...used.map((item, index) => {
      const use = item.ports.last === item.ports.first ? portUse(item.ports.first) : undefined
      const last = portLevel(item.ports.last).level
      const level = `level ${last === item.level ? item.level : `${item.level}–${last}`}${use === undefined ? '' : ` (${use})`}`
      return `  ${(ports[index] ?? '').padEnd(width)}${item.protocol}  ${level.padEnd(LEVEL_WIDTH)}  ${item.state}: ${item.service}${byText(item)}`
    }),
  ].join('\n')
}

const LEVEL_WIDTH = 'level 3 (development)'.length

function byText({ by, service }: UsedPort): string {
  const told = by.filter((text) => text !== service && text !== `container ${service}`)
  if (told.length === 0) return ''
  return told.length <= MOST_HOLDERS
    ? `, ${told.join('; ')}`
    : `, ${told.slice(0, MOST_HOLDERS).join('; ')} and ${told.length - MOST_HOLDERS} more`
}

/** So many processes that share one socket are told. */
const MOST_HOLDERS = 2

function freeText(free: readonly FreePort[]): string {
  return [
    'Free here (nothing uses, declares or starts on them)',
    ...PORT_USES.map(({ use }) => {
      const ports = free.filter((item) => item.use === use)
      return `  for ${use.padEnd(12)} ${ports.length === 0 ? 'none' : `${ports.map(({ port }) => port).join(', ')}  level ${ports[0]?.level}`}`
    }),
  ].join('\n')
}

function levels(): string {
  const rows = PORT_LEVELS.map(
    (level) =>
      `  ${level.level}  ${level.title.padEnd(8)} risk ${level.risk.padEnd(8)} scanned: ${level.scanProbability.padEnd(14)} ${ranges(level.ports)}${level.added.length === 0 ? '' : ` (and, by the same reasoning, ${ranges(level.added)})`}`,
  )
  return ['Port levels', ...rows, ...PORT_USES.map((use) => `     for ${use.use.padEnd(12)} ${ranges([use.ports])}`)].join('\n')
}

function avoided(): string {
  return [
    'Ports to avoid',
    ...PORTS_TO_AVOID.map((item) => `  ${String(item.port).padEnd(6)}${item.service.padEnd(8)}${item.reason}`),
  ].join('\n')
}
