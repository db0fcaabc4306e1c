import type { RuleName } from '../policy/index.ts'
import { FIREWALL_RULES } from './firewall-rules.ts'
import type { Severity } from './finding.ts'

/** A row of the rule catalogue. Its documentation page is generated from it. */
export interface Rule {
  readonly id: RuleName
  readonly title: string
  /** The worst that a finding of this rule is; a finding may be milder where its circumstances are. */
  readonly severity: Severity
  /** What it looks at, in a sentence. */
  readonly looksAt: string
  readonly why: string
  readonly fix: string
  readonly requirements: readonly string[]
  /** A flat cost in place of the severity's. */
  readonly flatCost?: number
}

export const CATALOGUE: readonly Rule[] = [
  {
    id: 'private-reachable',
    title: 'A private service can be reached',
    severity: 'critical',
    looksAt: 'Every endpoint of a declared service, and who can reach it now, compared with its `from`.',
    why: 'Somebody whom the policy does not name can open a connection: the service is one weak password or one bug away from them.',
    fix: 'Bind 127.0.0.1 (or the address that its users come to), or close the rule that the path names.',
    requirements: ['E1', 'E4', 'E6', 'M1', 'P1', 'V9', 'C2'],
  },
  {
    id: 'opens-on-restart',
    title: 'The next start opens a private service',
    severity: 'high',
    looksAt: 'What the files say a service will bind when it is started again, compared with its `from`.',
    why: 'It is closed by luck: the next deploy, crash or reboot opens it without anybody deciding so.',
    fix: 'Correct the line, variable or argument that is named, before the service is restarted.',
    requirements: ['E1', 'E2', 'E8', 'P8'],
  },
  {
    id: 'binds-every-interface',
    title: 'Code binds every interface',
    severity: 'high',
    looksAt: 'Each line of source that starts a server, with the host that it is given or that its framework falls back to.',
    why: 'Without a host most servers listen on every interface of the machine, so that only a firewall is left between them and the world.',
    fix: 'Give the host: `const HOST = process.env.HOST || \'127.0.0.1\'` and pass it to listen; in Python `host=os.getenv("HOST", "127.0.0.1")`.',
    requirements: ['E2', 'P9', 'V9'],
  },
  {
    id: 'host-overridden',
    title: 'A start script overrides the host',
    severity: 'high',
    looksAt:
      'Arguments and variables given at start (PM2, shell, compose, systemd, `.env`) that open what the code, or the program without them, would keep to this machine.',
    why: 'What opens it is said where it is started and not in the code that listens: readers of the code see nothing wrong.',
    fix: 'Set the variable or argument to 127.0.0.1, or take it out.',
    requirements: ['E8', 'P8', 'V9'],
  },
  {
    id: 'host-not-read',
    title: 'HOST is set, and the code never reads it',
    severity: 'medium',
    looksAt:
      'Variables for a host that a process manager, a script or a file of variables sets for a service, against those that its listening line reads: `HOST` and its like, and those that are called as the program is, or as its port (`FEED_HOST` beside `FEED_PORT`). Low where the service is on this machine alone without it.',
    why: 'The file looks as if it kept the service private, and it does nothing.',
    fix: "Read the variable where the server listens: `app.listen(PORT, process.env.HOST || '127.0.0.1')`.",
    requirements: ['E3'],
  },
  {
    id: 'proxy-bypassed',
    title: 'A service can be reached past its proxy',
    severity: 'high',
    looksAt: 'Services that a proxy forwards to and that can also be reached directly.',
    why: 'TLS, sign-in and rate limits of the proxy protect only those who use it.',
    fix: 'Bind the service to 127.0.0.1, where the proxy reaches it, and close the direct port.',
    requirements: ['E6', 'V6', 'V9'],
  },
  {
    id: 'proxy-target',
    title: 'A proxy forwards to something else than its service',
    severity: 'high',
    looksAt:
      'The addresses and ports that proxies forward to, against where the services listen; targets that the client names. Of files without a policy, as information: a port where nothing of them listens, beside a service that nothing forwards to.',
    why: 'A proxy that sends requests to a wrong or public address leaks them, or fails; one that goes where the client says opens every service that trusts loopback.',
    fix: 'Forward to 127.0.0.1 and the port of the service; never to what a request names.',
    requirements: ['E5'],
  },
  {
    id: 'proxied-undeclared',
    title: 'A proxy forwards to a service, and the policy does not say so',
    severity: 'high',
    looksAt: 'Declared private services that a proxy forwards to, against the `routes` of the policy.',
    why: 'What is behind a proxy is public as far as the proxy lets it through.',
    fix: 'Take the route out of the proxy, or declare it.',
    requirements: ['E5'],
  },
  {
    id: 'route-missing',
    title: 'A declared route is in no proxy',
    severity: 'medium',
    looksAt: 'The `routes` of the policy, against the proxies that were read.',
    why: 'Those whom the route is for cannot reach the service, or reach it some other way.',
    fix: 'Add the route to the proxy, or take it out of the policy.',
    requirements: ['E5'],
  },
  {
    id: 'docker-past-firewall',
    title: 'Docker publishes a port past the firewall',
    severity: 'high',
    looksAt: 'Published container ports for which the firewall’s own input rules say no.',
    why: 'Docker translates the packet before ufw’s rules for this machine are asked, and forwards it: the deny rule is never met.',
    fix: 'Publish on 127.0.0.1 (`"127.0.0.1:8001:8001"`), or filter in the chain DOCKER-USER.',
    requirements: ['M1'],
  },
  {
    id: 'published-private',
    title: 'Compose opens a service that others should not reach',
    severity: 'high',
    looksAt:
      'The ports of compose services, and networks that put them beside the machine (macvlan, ipvlan), against the policy; databases and caches also without one.',
    why: 'A published port is on every interface unless it names an address, and Docker opens the firewall for it.',
    fix: 'Take `ports:` away when only other services need it (they reach it by its name), or publish on 127.0.0.1; take it off a network beside the machine.',
    requirements: ['M1'],
  },
  {
    id: 'datastore-reachable',
    title: 'A database or cache can be reached from outside',
    severity: 'critical',
    looksAt: 'Endpoints of known data stores, by process and port; proxies that pass whoever reaches them on to one.',
    why: 'Data stores are scanned for all day, and many start without a password.',
    fix: 'Bind it to 127.0.0.1 or to the private network of its clients.',
    requirements: ['C2', 'M1'],
  },
  {
    id: 'debugger-reachable',
    title: 'A debug or administration port can be reached from outside',
    severity: 'critical',
    looksAt:
      'Endpoints of debuggers and administration interfaces, by process and port; debuggers that the files start for others; administrations that proxies are configured to offer (Caddy, HAProxy), and pages of statistics (HAProxy), without asking who comes.',
    why: 'Whoever reaches a debugger runs code as the process that it debugs; whoever reaches an administration decides what the program does.',
    fix: 'Bind it to 127.0.0.1 and use an SSH tunnel.',
    requirements: ['C2'],
  },
  {
    id: 'ipv6-unfiltered',
    title: 'Open by IPv6 where IPv4 is filtered',
    severity: 'high',
    looksAt: 'Endpoints that take both families, with a firewall that closes one of them.',
    why: 'The rules were written for IPv4 only; every address of the machine has an IPv6 twin that they do not cover.',
    fix: 'Write the rule for both families (ufw: IPV6=yes; nftables: table inet; ip6tables beside iptables).',
    requirements: ['C2'],
  },
  {
    id: 'service-missing',
    title: 'A declared service is not running',
    severity: 'medium',
    looksAt: 'Declared services of this machine without an endpoint on their port.',
    why: 'Either it is down, or it listens elsewhere than the policy says.',
    fix: 'Start it, or correct its port in the policy.',
    requirements: ['E1', 'V7'],
  },
  {
    id: 'port-differs',
    title: 'The files give a service another port than the policy',
    severity: 'medium',
    looksAt: 'The port on which the files start a declared service, in the environment that is looked at, against its `port`.',
    why: 'One of the two is out of date: after the next start nobody finds the service where it is declared, and what listens instead nobody declared.',
    fix: 'Correct the port where it is set, or in the policy.',
    requirements: ['V4', 'V7', 'V8'],
  },
  {
    id: 'undeclared-listener',
    title: 'Something listens that the policy does not know',
    severity: 'high',
    looksAt: 'Endpoints that belong to no declared service, and ports that compose files publish for none.',
    why: 'What nobody declared nobody watches.',
    fix: 'Stop it, declare it as a service, or list it under `listeners: ignore` with a reason.',
    requirements: ['E1', 'M1'],
  },
  {
    id: 'no-policy',
    title: 'No policy says who may reach what',
    severity: 'info',
    looksAt: 'Without a policy: everything that can be reached from beyond this machine, now or when the files start it.',
    why: 'Whether that is meant cannot be seen. What was found needs no policy to be wrong; what a policy would find is not looked for.',
    fix: 'Run `sallyport init`, and read every `from` that it writes.',
    requirements: ['C2', 'C4'],
  },
  {
    id: 'origin-wildcard',
    title: 'Scripts of any site may read the answers',
    severity: 'medium',
    looksAt: 'CORS settings that allow every origin or reflect the caller’s.',
    why: 'Any page in a user’s browser can then read what the service answers; with credentials, as that user.',
    fix: 'List the origins that need it, each with its port.',
    requirements: ['V3', 'P4'],
  },
  {
    id: 'origin-stale',
    title: 'An allowed origin does not fit the deployment',
    severity: 'low',
    looksAt: 'Listed CORS origins against the ports and domains in use.',
    why: 'A left-over origin trusts whatever comes to run there.',
    fix: 'Take it out, or correct its port.',
    requirements: ['V3'],
  },
  {
    id: 'firewall-host-name',
    title: 'A firewall rule names a host where an address is needed',
    severity: 'medium',
    looksAt: 'Scripts that call ufw.',
    why: 'ufw takes addresses only: the command fails, and the rule that the script meant to make is not there.',
    fix: 'Write the address or prefix.',
    requirements: ['V5'],
  },
  ...FIREWALL_RULES,
  {
    id: 'common-port',
    title: 'A common port is in use',
    severity: 'low',
    looksAt:
      'Endpoints that can be reached beyond this machine, belong to no edge (docs/policy.md: services), and are on 80, 443, 8000, 8080, 3000 or 5000. What a container publishes on 80 or 443 is an edge where no policy knows it.',
    why: 'These are tried first by everybody who scans.',
    fix: 'Move it to a port of level 3 or 4: `sallyport ports` lists them.',
    requirements: ['V1', 'V2'],
    flatCost: 10,
  },
  {
    id: 'privileged-port',
    title: 'A privileged port in development',
    severity: 'info',
    looksAt: 'Services on ports below 1024 in a development environment.',
    why: 'It requires elevated access, so that the whole service runs with more rights than it needs.',
    fix: 'Use a port from 9000 to 9999 in development.',
    requirements: ['V2'],
  },
  {
    id: 'port-conflict',
    title: 'Two services want the same port',
    severity: 'medium',
    looksAt: 'The addresses and ports that services will bind at their next start.',
    why: 'The second one to start fails, or takes the first one’s clients.',
    fix: 'Move one of them: `sallyport ports` shows free ones.',
    requirements: ['V7'],
  },
  {
    id: 'secret-committed',
    title: 'Secrets are committed to git',
    severity: 'high',
    looksAt:
      'Environment files that git tracks and that give secrets a value, and files that start services (PM2, compose, systemd, scripts) with a secret as it stands: high where it is random text, low where it is a word, info where anybody would try it first. Placeholders, and the words of what is started for tests or for work on the code, are left.',
    why: 'Everybody with the repository, now or later, has them; taking the file out does not take it out of the history.',
    fix: 'Take the file out of git (`git rm --cached`), list it in .gitignore, and change every secret in it. A file that starts something stays, and takes its secrets from variables or from a file that git ignores.',
    requirements: ['M16'],
  },
  {
    id: 'secret-not-ignored',
    title: 'Git does not ignore a file that has secrets',
    severity: 'medium',
    looksAt: 'Environment files that have secrets, and that the next `git add` would take up.',
    why: 'One `git add .` commits them.',
    fix: 'Add the file to .gitignore.',
    requirements: ['M16'],
  },
  {
    id: 'secret-placeholder',
    title: 'A secret is still its placeholder',
    severity: 'medium',
    looksAt: 'Secrets in environment files whose value is a template’s.',
    why: 'Everybody who has read the template knows it.',
    fix: 'Put a random value of at least 32 bytes in its place.',
    requirements: ['M10'],
  },
  {
    id: 'secret-weak',
    title: 'A secret can be guessed',
    severity: 'medium',
    looksAt:
      'Secrets in environment files: the deployment’s own keys of fewer than 32 characters, passwords of fewer than 15, letters that repeat or follow a rule, and defaults that programs are shipped with. How long a key of others is (OpenAI, Stripe …) they decide.',
    why: 'Whoever guesses it signs tokens, calls internal endpoints or opens the database; a token signed with a short key can be tried offline, without anybody noticing.',
    fix: 'Make a new one: `sallyport keys rotate NAME` for a key of the deployment’s own.',
    requirements: ['M10', 'M16'],
  },
  {
    id: 'secret-repeated',
    title: 'One secret has two uses',
    severity: 'medium',
    looksAt:
      'Secrets of environment files that are the same: two names in one file, one of them a key of the deployment’s own; files for development or tests and for production or staging, by their names.',
    why: 'Whoever learns it in one place has it in the other: a developer’s machine opens production, or a key for calls signs sessions.',
    fix: 'Make one for each use: `sallyport keys rotate NAME`.',
    requirements: ['M10', 'M16'],
  },
  {
    id: 'guard-missing',
    title: 'A local-only HTTP service has no guard',
    severity: 'medium',
    looksAt:
      'Services that the policy gives `http` (`http: {}` is enough; `sallyport init` gives it to none, since no file tells where a browser runs that could be tricked), that only this machine may reach and that no proxy fronts: whether their code uses `@sallyport/guard`, Starlette’s `TrustedHostMiddleware` or a guard that is called `LocalhostOnly…`, `localOnly…` or `localhost_only…`, or decides anything by the peer’s address or the Host header. Whether such a check is right is not judged.',
    why: 'A page in a local browser reaches loopback too: binding alone stops neither DNS rebinding nor cross-site requests.',
    fix: 'Put a guard before the handlers (`LocalhostOnlyMiddleware` or its like), checking peer, proxy headers, Host and Origin.',
    requirements: ['P8'],
  },
  {
    id: 'script-host-name',
    title: 'A PowerShell parameter is named $Host',
    severity: 'low',
    looksAt: 'Parameters of PowerShell start scripts.',
    why: '$Host is PowerShell’s own and read-only: the parameter never gets the value that the caller gives.',
    fix: 'Name the parameter otherwise: $BindHost.',
    requirements: ['P8'],
  },
  {
    id: 'claim-failed',
    title: 'A claim of the policy does not hold',
    severity: 'critical',
    looksAt: 'The `tests` of the policy, on what is really there.',
    why: 'Somebody wrote down that this must hold.',
    fix: 'Follow the path that is shown, and close or open what it names.',
    requirements: ['C1'],
  },
  {
    id: 'undecided',
    title: 'It cannot be told who reaches this',
    severity: 'info',
    looksAt:
      'Verdicts that an unseen or unknown part could turn into a finding: hosts that the files do not tell, private services that a start of an unknown port may be, files that could not be read or understood, rules of a packet filter that are not known.',
    why: 'What is not known is not safe.',
    fix: 'Make the named part visible: give the host where the server listens or is started, run as root, or say what stands before this machine in the policy (`upstream`).',
    requirements: ['C4'],
  },
  {
    id: 'acceptance-expired',
    title: 'An accepted finding has run out',
    severity: 'medium',
    looksAt: 'The `accept` entries of the policy and their `until`.',
    why: 'What was accepted for a while is still there.',
    fix: 'Cure the finding, or decide again and set a new date.',
    requirements: ['C1'],
  },
  {
    id: 'acceptance-unused',
    title: 'An accept entry matches nothing',
    severity: 'info',
    looksAt: 'The `accept` entries of the policy, against the findings.',
    why: 'It would hide the finding if that came back.',
    fix: 'Take the entry out.',
    requirements: ['C1'],
  },
]

export type RuleId = RuleName

const BY_ID = new Map<RuleId, Rule>(CATALOGUE.map((rule) => [rule.id, rule]))

export function ruleOf(id: RuleId): Rule {
  const rule = BY_ID.get(id)
  if (rule === undefined) throw new RangeError(`no such rule: ${id}`)
  return rule
}
