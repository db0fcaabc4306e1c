import { type Evidence, evidenceOf, type FileOrigin, type FirewallCommand } from '../../evidence/index.ts'
import { shellWord } from '../../systems/index.ts'
import type { Elsewhere } from './elsewhere.ts'
import { type KnownPlace, place } from './exact.ts'
import { asNumber, type Occurrence } from './text.ts'

interface Tool {
  readonly name: RegExp
  /** Whether the command lets a port in, or passes it on to one: what keeps out stays, it is as right as before. */
  readonly letsIn: (words: readonly string[]) => boolean
  /** Which of the words give that port. */
  readonly givesPort: (word: string, before: string) => boolean
  /** What takes the rule away again; `undefined`: this command adds none. */
  readonly undo: (words: readonly string[]) => readonly string[] | string | undefined
}

const TOOLS: readonly Tool[] = [
  {
    // ufw(8): a rule is deleted by its own words; `insert NUM` and the comment are none of them.
    name: /^ufw$/,
    letsIn: (words) => words.some((word) => word === 'allow' || word === 'limit') && !words.includes('delete'),
    givesPort: (word, before) => before === 'port' || /^[\d,:]+(?:\/\w+)?$/.test(word),
    undo: (words) => {
      const at = words.findIndex((word) => word === 'allow' || word === 'limit')
      const comment = words.indexOf('comment')
      const rule = words.slice(at, comment < 0 ? undefined : comment)
      return at < 0 ? undefined : ['ufw', ...(words.includes('route') ? ['route'] : []), 'delete', ...rule]
    },
  },
  {
    // iptables(8): `-I CHAIN [NUM]`; `-D CHAIN` with the rule's words.
    name: /^ip6?tables(?:-(?:legacy|nft))?$/,
    letsIn: (words) => /^(?:ACCEPT|REDIRECT|DNAT)$/.test(words[words.findIndex((word) => word === '-j' || word === '--jump') + 1] ?? ''),
    givesPort: (word, before) => PORT_OPTION.test(before) || /^--(?:dports?|to-ports?)=/.test(word),
    undo: (words) => {
      const at = words.findIndex((word) => /^(?:-A|-I|--append|--insert)$/.test(word))
      const rest = words.slice(at + 2)
      return at < 0
        ? undefined
        : [...words.slice(0, at), '-D', words[at + 1] ?? '', ...(/^\d+$/.test(rest[0] ?? '') ? rest.slice(1) : rest)]
    },
  },
  {
    // nft(8): a rule is deleted by its handle only.
    name: /^nft$/,
    letsIn: (words) => /\b(?:add|insert)\s+rule\b.*\b(?:accept|redirect|dnat)\b/.test(words.join(' ')),
    givesPort: (word, before) => before === 'dport' || /\bdport\s|\bredirect to :/.test(word),
    undo: (words) => {
      const chain = /\brule\s+((?:(?:ip6?|inet|arp|bridge|netdev)\s+)?\S+\s+\S+)/.exec(words.join(' '))?.[1]
      return chain === undefined ? undefined : `nft -a list chain ${chain}, then nft delete rule ${chain} handle N`
    },
  },
  {
    // firewall-cmd(1): each --add-… has its --remove-….
    name: /^firewall-cmd$/,
    letsIn: (words) => words.some((word) => /^--add-(?:port|forward-port|rich-rule)\b/.test(word) && !/\b(?:drop|reject)\b/.test(word)),
    givesPort: (word) => /^--add-(?:port|forward-port|rich-rule)=/.test(word),
    undo: (words) => words.map((word) => word.replace(/^--add-/, '--remove-')),
  },
  {
    name: /^New-NetFirewallRule$/i,
    letsIn: (words) => !words.some((word) => /^block$/i.test(word)),
    givesPort: (_, before) => /^-LocalPort$/i.test(before),
    undo: (words) => {
      const at = words.findIndex((word) => /^-(?:DisplayName|Name)$/i.test(word))
      return at < 0 ? undefined : ['Remove-NetFirewallRule', words[at] ?? '', words[at + 1] ?? '']
    },
  },
]

const PORT_OPTION = /^--(?:dports?|destination-ports?|to-ports?)$/

interface Rule {
  readonly words: readonly string[]
  readonly tool: Tool
  readonly origin: FileOrigin
  /** Where the port of it is given, be it in a variable. */
  readonly places: readonly FileOrigin[]
}

/** Commands of scripts, and rules that a machine's firewall keeps as such, that let this port in. */
function rulesOf(evidence: readonly Evidence[], port: number): readonly Rule[] {
  const number = asNumber(port)
  return evidenceOf(evidence, 'firewall-command').flatMap(({ claim, origin }): readonly Rule[] => {
    const tool = TOOLS.find(({ name }) => name.test(claim.tool))
    const words = wordsOf(claim)
    if (tool === undefined || origin.kind !== 'file' || !tool.letsIn(words)) return []
    const places = claim.command.flatMap(({ text, written }, index) => {
      const word = words[index] ?? ''
      if (text.kind === 'absent' || !number.test(word) || !tool.givesPort(word, words[index - 1] ?? '')) return []
      return written === undefined ? [text.origin] : [text.origin, written]
    })
    return places.length === 0 ? [] : [{ words, tool, origin, places }]
  })
}

const wordsOf = ({ command }: FirewallCommand): readonly string[] =>
  command.map(({ text, shown }) => (text.kind === 'known' ? String(text.value) : shown))

/** Where scripts let the port in. */
export function firewallPlaces(evidence: readonly Evidence[], port: number): readonly KnownPlace[] {
  return rulesOf(evidence, port).flatMap(({ places }) => places.map((each) => place(each, 'firewall')))
}

/** What is in the firewall already: a script that is run again adds the new rule, and the old port stays open. */
export function oldRules(evidence: readonly Evidence[], port: number): readonly Elsewhere[] {
  return rulesOf(evidence, port).flatMap(({ words, tool, origin }) => {
    const at = words.findIndex((word) => tool.name.test(word))
    const own = words.slice(Math.max(0, at))
    const undo = tool.undo(own)
    if (undo === undefined) return []
    return [
      {
        what: `rule of ${own[0] ?? ''} (${origin.path}:${origin.span.start.line})`,
        where: OPEN_UNTIL,
        from: typed(own),
        to: typeof undo === 'string' ? undo : typed(undo),
      },
    ]
  })
}

const OPEN_UNTIL = 'where it was run, once the service has moved: the old port is open until then'

/** What a place that lets the port in has made, where the readers tell no command of it. */
export function oldRule({ command, file }: Occurrence): readonly Elsewhere[] {
  const text = `${command.before}${command.number}${command.after}`.trim().replaceAll(/\s+/g, ' ')
  if (GRANT.test(text)) return [{ what: 'rule of a security group', where: OPEN_UNTIL, from: text, to: text.replace(GRANT, '$1revoke-') }]
  return isAddedTo(file.content) && /\bdport\s.*\baccept\b/.test(text)
    ? [
        {
          what: `rule of nft (${file.path})`,
          where: OPEN_UNTIL,
          from: text,
          to: 'nft -a list ruleset, then nft delete rule FAMILY TABLE CHAIN handle N',
        },
      ]
    : []
}

/** `aws ec2 authorize-security-group-ingress …` has its `revoke-…` with the same words (AWS CLI, ec2). */
const GRANT = /(\baws\b.*\bec2\s+)authorize-(?=security-group-ingress\b)/

/** nft(8): a file of tables is added to what is there, unless it takes that away first. */
const isAddedTo = (content: string): boolean =>
  /^\s*table\s/m.test(content) && !/\b(?:flush|delete|destroy)\s+(?:ruleset|table|chain)\b/.test(content)

/** Commands and lines of packet filters that let in, where the readers have no rule of them. */
const LETS_IN: readonly { readonly before: RegExp; readonly after: RegExp }[] = [
  { before: /\bip6?tables\b.*--(?:dports?|destination-ports?)[ =]$/, after: /-j\s+ACCEPT\b/ },
  // iptables-save(8)
  { before: /^\s*-[AI]\s+\S.*\s--(?:dports?|to-ports?)\s$/, after: /-j\s+ACCEPT\b|^\s*$/ },
  { before: /\bdport\s+$/, after: /\baccept\b/ },
  { before: /\bfirewall-cmd\b.*--add-port=$/, after: /^\/(?:tcp|udp)/ },
  { before: /\bufw\s+(?:allow|limit)\b.*$/, after: /^/ },
  { before: /\baws\b.*\bec2\s+authorize-security-group-ingress\b.*--port\s+$/, after: /^/ },
]

export function letsIn({ command: { before, after } }: Occurrence): boolean {
  return LETS_IN.some((row) => row.before.test(before) && row.after.test(after))
}

const typed = (words: readonly string[]): string => words.map(shellWord).join(' ')
