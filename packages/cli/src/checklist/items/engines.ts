import { byFact, byHand, byRules, type Item } from '../item.ts'

/** E: engines on one server, run by PM2, behind nginx. */
export const ENGINES: readonly Item[] = [
  byRules(
    [
      'E2.source',
      'before',
      'No source binds every interface: no `app.listen(PORT, callback)` without a host, no `uvicorn.run(app, host="0.0.0.0")`',
    ],
    ['binds-every-interface'],
    ['source'],
    'wrong: the line of each of the ten that binds every interface',
  ),
  byRules(
    ['E3.ecosystem', 'before', "`ecosystem.config.js` sets `HOST: '127.0.0.1'` for each app, and the code reads `HOST`"],
    ['host-not-read', 'host-overridden'],
    ['pm2', 'source'],
    'HOST is set by PM2 and read by none of them',
  ),
  byRules(
    ['E8.configurable', 'before', '`HOST` and `PORT` stay configurable by environment, and nothing that starts a service opens it'],
    ['host-not-read', 'host-overridden', 'opens-on-restart', 'binds-every-interface'],
    ['policy', 'starts', 'source'],
    'by $by: found before it is started, and when it runs',
  ),
  byHand(
    ['E8.refused', 'before', 'A `HOST` that would expose a private service is refused at start'],
    'each service is started by sallyport run, or calls the guard’s listen: started with HOST=0.0.0.0 on purpose, it refuses and exits 1',
    'sallyport run -- COMMAND',
    'a HOST that would expose it is refused: the words, exit 1, a record, and nothing started',
  ),
  byRules(
    ['E5.proxied', 'before', 'nginx proxies each service to 127.0.0.1:PORT, and nothing else'],
    ['proxy-target', 'proxied-undeclared', 'route-missing'],
    ['policy', 'routes', 'proxy'],
    'nginx goes to one of them by an address that is not loopback',
  ),
  byHand(
    ['E7.one-place', 'before', 'Through nginx: one place for authentication and rate limiting'],
    'the line “only through nginx, with …” of each service: it names what is asked of a client (password, limit); what is not named is not asked',
    'sallyport explain SERVICE --from internet',
    'with what each location asks for',
  ),
  byHand(
    ['E4.security-group', 'before', 'The security group opens none of 7001–7008, 3002, 8000'],
    'AWS console, EC2, Security Groups, the server’s group, Inbound rules: only 80, 443, and 22 from the admin address',
    'aws ec2 describe-security-groups',
  ),
  byFact(
    ['E1.loopback', 'after', 'Every service listens on 127.0.0.1 only (`netstat -tlnp`)'],
    'onLoopback',
    ['policy', 'machine', 'running'],
    'each of the ten is named with its pid, its address and the line that opens it',
  ),
  byRules(
    ['E1.running', 'after', 'Every declared service is running'],
    ['service-missing'],
    ['policy', 'machine'],
    'one is stopped: it is missing',
    'sallyport health',
  ),
  byRules(
    ['E6.nginx-only', 'after', 'Outside access works through nginx only; a direct connection from another host to any engine port fails'],
    ['private-reachable', 'proxy-bypassed'],
    ['policy', 'machine', 'running'],
    'from other hosts nginx answers, and no engine does',
  ),
  byRules(
    ['E1.strangers', 'continuous', 'Nothing listens that nobody declared'],
    ['undeclared-listener'],
    ['policy', 'machine'],
    'a stranger on every interface: undeclared, with its pid',
  ),
  byRules(
    ['E8.restart', 'continuous', 'The next restart opens nothing'],
    ['opens-on-restart'],
    ['policy', 'machine', 'source'],
    'by PM2: found as what a restart opens, and when it runs',
  ),
  byHand(
    ['E6.incident', 'incident', 'Stop an engine that is open to others'],
    'the path that explain prints, then stop the one service, correct its line (sallyport fix), and start it again',
    'sallyport down SERVICE',
  ),
]
