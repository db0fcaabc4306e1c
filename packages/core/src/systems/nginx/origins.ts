import type { AllowedOrigins, FileOrigin } from '../../evidence/index.ts'
import { type Directive, originOf } from './parse.ts'

interface FoundOrigins {
  readonly claim: AllowedOrigins
  readonly origin: FileOrigin
}

const NAME = 'Access-Control-Allow-Origin'

/**
 * `add_header Access-Control-Allow-Origin *` where requests are passed on: scripts of every site read the answers of what is behind. On
 * files alone (fonts, pictures) it is how they are meant to be used.
 */
export function allowedOriginsOf(directives: readonly Directive[]): readonly FoundOrigins[] {
  return inBlock(directives, directives.some(passesOn), false)
}

/** `passes`: the block around it passes requests on. `chosen`: a condition around it may ask where the script is from. */
function inBlock(directives: readonly Directive[], passes: boolean, chosen: boolean): readonly FoundOrigins[] {
  const credentials = passes && directives.some((one) => sets(one, 'access-control-allow-credentials', 'true'))
  return directives.flatMap((directive): readonly FoundOrigins[] => {
    const { name, block } = directive
    if (block !== undefined && name !== 'map' && name !== 'geo') {
      // What a location says of its own counts there; what stands around locations holds in those that say nothing, and passes on if they do.
      const within = name === 'if' || name === 'limit_except' ? passes : block.some(passesOn)
      return inBlock(block, within, chosen || name === 'if')
    }
    if (!passes) return []
    const isAny = sets(directive, NAME.toLowerCase(), '*')
    // The site that asks is told that it may, whoever it is: with credentials too.
    const isWhoever = !chosen && sets(directive, NAME.toLowerCase(), '$http_origin')
    if (!isAny && !isWhoever) return []
    const claim: AllowedOrigins = {
      claim: 'allowed-origins',
      name: NAME,
      origins: [],
      wildcard: true,
      credentials: isWhoever && credentials,
    }
    return [{ claim, origin: originOf(directive) }]
  })
}

function passesOn({ name, block = [] }: Directive): boolean {
  return name.endsWith('_pass') || (name !== 'map' && block.some(passesOn))
}

function sets({ name, words }: Directive, header: string, value: string): boolean {
  const [first, second] = words
  return (
    name === 'add_header' && first?.text.toLowerCase() === header && second?.text.toLowerCase().replace(/^\$\{(\w+)\}$/, '$$$1') === value
  )
}
