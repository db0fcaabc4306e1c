import type { Policy } from '../../../policy/index.ts'
import type { WriteOptions, Writer, Written } from '../../write.ts'
import { madeFor, writtenFor } from '../../written-hosts.ts'
import { compareNginx } from './compare.ts'
import { doorsOf, type HostDoors } from './doors.ts'
import { siteText } from './sites.ts'

/** Included by the `http` block of every package of nginx. */
const PATH = '/etc/nginx/conf.d/sallyport.conf'

/** For each host one file: its doors, what they pass on, and the redirects to them. */
function writeNginx(policy: Policy, options: WriteOptions): Written {
  return writtenFor(
    policy,
    options,
    (host) => {
      const found = doorsOf(policy, host, options)
      if (found.doors.length === 0) return undefined
      const text = siteText(madeFor(policy, host, 'what nginx takes and passes on'), found)
      return { files: [{ path: PATH, text }], notes: [...found.notes, ...wholePaths(found), ...(takesPort80(found) ? [DEFAULT_SITE] : [])] }
    },
    {
      why: options.service === undefined ? 'no service of the policy passes requests on' : `${options.service} passes no requests on`,
      next: 'nginx is what has `routes`: add them to the service that is its way in',
    },
  )
}

/** M13: the prefix is kept. Who expects another path has to be told. */
function wholePaths({ doors }: HostDoors): readonly string[] {
  const prefixes = [...new Set(doors.flatMap(({ routes }) => routes.map(({ path }) => path)).filter((path) => path !== '/'))]
  const [first] = prefixes
  return first === undefined
    ? []
    : [`paths go on whole: what is routed by ${prefixes.join(', ')} is asked for ${first.replace(/\/$/, '')}/…, not for /…`]
}

/** Where Debian's own site is. */
function takesPort80({ doors, redirects }: HostDoors): boolean {
  return [...doors, ...redirects].some(({ ports, isLocal }) => !isLocal && ports.includes('80'))
}

const DEFAULT_SITE =
  'the default site of the package (/etc/nginx/sites-enabled/default) has to go: nginx refuses two servers that answer to unknown names'

export const writer: Writer = { write: writeNginx, compare: compareNginx }
