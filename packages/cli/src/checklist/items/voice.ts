import { byFact, byHand, byRules, type Item } from '../item.ts'

/** V: a voice AI platform, one public application on an uncommon port. */
export const VOICE: readonly Item[] = [
  byFact(
    [
      'V1.level',
      'before',
      'The port is of level 3 or 4, not one of 80, 443, 8000, 8080, 3000, 5000, nor one to avoid (21, 22, 23, 25, 53, 110)',
    ],
    'portLevels',
    ['policy'],
    'every port has a level, those that the table leaves out too',
    'sallyport ports',
  ),
  byFact(['V2.score', 'before', 'The security score is 100/100'], 'score', ['policy', 'source'], 'the same on 8000: 90/100'),
  byRules(
    [
      'V3.origins',
      'before',
      'CORS origins are an explicit list (`http://localhost:9847`, `http://127.0.0.1:9847`, `http://192.168.1.100:9847`) that agrees with the port in use',
    ],
    ['origin-wildcard', 'origin-stale'],
    ['policy', 'origins'],
    'a wildcard origin',
  ),
  byRules(
    ['V4.environments', 'before', 'Ports per environment: development 9847, staging 9848, production 9849'],
    ['port-differs'],
    ['policy', 'environment', 'starts'],
    'each environment has the port of its overlay',
    'sallyport check --environment NAME',
  ),
  byRules(
    ['V5.firewall', 'before', 'No firewall rule names a host name where an address is needed, and none contradicts another'],
    ['firewall-host-name', 'firewall-rule-contradicted'],
    ['machine', 'firewall'],
    'a host name in the firewall script: named, and the port that ufw left open as well',
  ),
  byRules(
    ['V7.conflicts', 'before', 'No two services want the same port'],
    ['port-conflict'],
    ['policy', 'source'],
    'services that would take each other’s port are found before either is started',
    'sallyport ports',
  ),
  byHand(
    ['V7.free', 'before', 'The port is not in use; otherwise it is known by whom'],
    'who has it; up names whoever has the port, and starts nothing',
    'sallyport ports',
    'a port that another program has is named with it before anything is started',
  ),
  byHand(
    ['V5.opened', 'before', 'The firewall allows the application’s port and denies the common ones'],
    'who reaches the port, and that nobody reaches 80, 443, 8000, 8080, 3000 and 5000, each with the rule that decides it',
    'sallyport explain PORT --from internet',
    '9847 for the local network only: no finding, 100/100, and packets agree',
  ),
  byHand(
    ['V6.domain', 'before', 'Production is reached by a domain name, over TLS'],
    'the site in a browser: the name, the certificate and its expiry',
    'sallyport explain SERVICE --from internet',
  ),
  byHand(
    [
      'V8.elsewhere',
      'before',
      'After a move every place has the new port: `PORT`, `CORS_ORIGINS`, `EMR_REDIRECT_URI` with its `/auth/callback`, proxy, firewall, compose, `/health` checks, scripts',
    ],
    'what ports move lists as outside of the folder: OAuth redirect URIs, Twilio webhook URLs, monitors, load balancers, each with the old and the new value',
    'sallyport ports move SERVICE PORT',
  ),
  byRules(
    ['V9.bind', 'before', 'No `--host 0.0.0.0` behind a local proxy'],
    ['host-overridden', 'opens-on-restart', 'proxy-bypassed'],
    ['policy', 'starts', 'source'],
    'production with --host 0.0.0.0 behind nginx: the argument is named',
  ),
  byRules(
    ['V6.proxy', 'after', 'Production is reached through the reverse proxy; the direct port is closed'],
    ['proxy-bypassed', 'private-reachable'],
    ['policy', 'routes', 'machine', 'running', 'proxy'],
    'production on 9849, behind nginx: no finding, and the direct port is closed',
  ),
  byRules(
    ['V10.local', 'after', 'Access from the local network (`192.168.1.100`) is as declared, and the internet has none'],
    ['private-reachable'],
    ['policy', 'machine', 'running'],
    '9847 for the local network only: no finding, 100/100, and packets agree',
  ),
  byHand(
    ['V7.health', 'after', 'The health check answers; otherwise it says “Service down”'],
    'the answer of health: the service is up, by what it answers at its path; that something listens is not enough',
    'sallyport health',
    'one that was killed is told with its exit code, and the others are up',
  ),
  byRules(
    ['V5.kept', 'continuous', 'The firewall rules are still there after a reboot'],
    ['firewall-not-persistent'],
    ['policy', 'machine', 'firewall'],
    'rules that nothing loads at boot are told, until something does',
  ),
  byHand(
    ['V8.incident', 'incident', 'Move to another port when the present one is under attack'],
    'the list of what must change elsewhere, before the old port closes',
    'sallyport ports move SERVICE PORT',
  ),
]
