import { readFileSync } from 'node:fs'
import { parsePolicy } from '@sallyport/core/policy'
import { pictureOf } from '../../packages/core/src/systems/diagram/policy.ts'
import { svgText } from '../../packages/core/src/systems/diagram/svg.ts'

const TOUR = new URL('../../docs/tours/telephony/sallyport.yaml', import.meta.url)

/** docs/telephony.svg: what `sallyport render diagram` prints in docs/tours/telephony. */
export function telephonyPicture(): string {
  const files = new Map([['sallyport.yaml', readFileSync(TOUR, 'utf8')]])
  const { policy } = parsePolicy({ files, globs: new Map(), entry: 'sallyport.yaml' })
  if (policy === undefined) throw new Error('docs/tours/telephony/sallyport.yaml has a mistake')
  return svgText(pictureOf(policy))
}
