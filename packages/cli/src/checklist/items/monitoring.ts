import { byHand, byRules, type Item } from '../item.ts'

/** M: an AI monitoring service in docker compose. */
export const MONITORING: readonly Item[] = [
  byRules(
    [
      'M1.published',
      'before',
      'Only the frontend (3000) and the API (8000) are published; the browser, LLM and notification services, PostgreSQL and Redis are not',
    ],
    ['published-private', 'datastore-reachable'],
    ['policy', 'compose'],
    'published ports',
  ),
  byHand(
    [
      'M2.internal-key',
      'before',
      'Service-to-service calls carry `X-Internal-API-Key`; every internal endpoint answers a missing or wrong one with 401 and `Invalid internal API key`',
    ],
    'ask each internal endpoint without the header and with a wrong one, from the compose network: both get 401, and the log names the attempt without the key',
    'sallyport logs --security',
    'a request without the internal key is refused, and logs --security tells who it was',
  ),
  byHand(
    ['M3.oauth', 'before', 'Users sign in with Google OAuth 2.0 (OpenID Connect, authorization code with PKCE, state and nonce)'],
    'in the Google Cloud console (APIs & Services, Credentials) the redirect URIs are https, exact, and yours; in the code or the gateway: PKCE, `state` and `nonce` are on',
    'sallyport explain frontend --from internet',
  ),
  byHand(
    [
      'M4.jwt',
      'before',
      'User endpoints need a valid JWT: right algorithm, issuer, audience, not expired, not revoked; cookies are `HttpOnly; Secure; SameSite`',
    ],
    'whatever verifies tokens has one algorithm for each key in its options, with issuer and audience set; in a browser’s developer tools: the flags of the session cookie',
    'sallyport verify URL',
    'refuses every other: algorithm, issuer, audience, time, type, spelling',
  ),
  byHand(
    ['M5.isolation', 'before', 'A user sees only their own jobs: row level security in PostgreSQL'],
    '`\\d+ jobs` in psql says “Row security enabled” (forced), with a policy for each command; the application connects as an ordinary role, neither owner nor superuser',
    'psql -c "select relname, relrowsecurity, relforcerowsecurity from pg_class"',
  ),
  byHand(
    ['M6.api-proxies', 'before', 'The frontend never calls an internal service: the API proxies, and adds the internal key itself'],
    'no address of an internal service, and no internal key, in what the browser gets: search the built frontend for 8001, 8002, 8003 and `X-Internal-API-Key`',
    'sallyport check',
    'the API adds the internal key itself',
  ),
  byHand(
    ['M7.schema', 'before', 'Requests to internal endpoints are validated against a schema; invalid ones get 400 with the field named'],
    'send a body with a wrong type and one with a field too many to each internal endpoint: 400, with the field',
    'sallyport verify URL',
    'an invalid body is 400 with the field named',
  ),
  byHand(
    ['M8.errors', 'before', 'Errors leak nothing (no stack, path, SQL, version); each carries a request id found again in the log'],
    'cause an error (a bad id, a stopped database) and read the whole answer: no stack, path, SQL or version; find its id in the log',
    'sallyport logs',
    'an error tells the client nothing but an id, which the log has too',
  ),
  byRules(
    ['M9.keys', 'before', '`JWT_SECRET` and `INTERNAL_API_KEY` have at least 32 random bytes; no placeholder of `.env.example` is left'],
    ['secret-placeholder', 'secret-weak'],
    ['environmentFile', 'ownKeys'],
    'a new .env is the example with its own keys made, mode 0600, and every other line as it was',
    'sallyport keys generate',
  ),
  byRules(
    [
      'M10.environment',
      'before',
      'No placeholder (`your_…`), short, default or low-entropy secret; none is used twice, or in development and production',
    ],
    ['secret-placeholder', 'secret-weak', 'secret-repeated'],
    ['environmentFile', 'secretValues'],
    'every missing variable is named at once, and every placeholder',
    'sallyport keys check',
  ),
  byHand(
    [
      'M10.complete',
      'before',
      'Every variable is set: `GOOGLE_CLIENT_ID`, `GOOGLE_CLIENT_SECRET`, `OPENAI_API_KEY`, `SENDGRID_API_KEY`, `NOTIFICATION_EMAIL`, `JWT_SECRET`, `INTERNAL_API_KEY`, `HOSTNAME` (which a container runtime overwrites)',
    ],
    'what keys check says is missing; `HOSTNAME` inside a container is the container’s, whatever `.env` says',
    'sallyport keys check',
  ),
  byRules(
    [
      'M12.firewall',
      'before',
      'The firewall opens exactly the declared public ports and SSH; with a TLS proxy in front, 3000 and 8000 need no opening',
    ],
    ['firewall-opening-unused', 'firewall-rule-contradicted', 'docker-past-firewall', 'firewall-not-persistent'],
    ['policy', 'machine', 'firewall'],
    'ranges and several ports are one finding, unless one of the range is used',
  ),
  byHand(
    ['M12.lockout', 'before', 'Applying firewall rules cannot lock the operator out'],
    'apply refuses rules that would cut the present connection, and reverts what is not confirmed; keep a second way in (the provider’s console) all the same',
    'sallyport apply nftables',
  ),
  byRules(
    ['M13.proxy', 'before', 'nginx passes `/` to the frontend and `/api` to the API, and nothing else'],
    ['proxy-target', 'proxied-undeclared', 'route-missing', 'proxy-bypassed'],
    ['policy', 'routes', 'proxy'],
    'E5 · nginx goes to a port where nothing listens, and leaves an engine out',
  ),
  byHand(
    [
      'M13.tls',
      'before',
      'Port 80 redirects (`return 301 https://$server_name$request_uri`); `/api` keeps its prefix; modern TLS; `Host $host` and `X-Real-IP $remote_addr` are set; the certificate of Let’s Encrypt (`/etc/letsencrypt/live/NAME/`) renews itself',
    ],
    '`certbot renew --dry-run` succeeds and a timer runs it (`systemctl list-timers`); the site’s file has the redirect, the protocols and the headers as render writes them',
    'sallyport render nginx --check',
  ),
  byRules(
    ['M16.secrets', 'before', 'No secret is committed to git, and `.env` is ignored'],
    ['secret-committed', 'secret-not-ignored'],
    ['git', 'secrets'],
    'a secret that is in use and that a commit has is told, also when the file is ignored since; a rotated one is not',
  ),
  byHand(
    [
      'M16.passwords',
      'before',
      'No default password anywhere; database backups are configured and have been restored once; HTTPS everywhere',
    ],
    'the databases’ users (`\\du` in psql), the backup job and the date of its last restore, every address of the deployment in a browser',
    'sallyport keys check',
  ),
  byHand(
    [
      'M16.accounts',
      'before',
      '2FA is on for every account; the OAuth console lists only your redirect URIs; dependencies have no known advisories',
    ],
    'security pages of GitHub, Google, AWS, OpenAI and SendGrid; Google Cloud console, Credentials; `npm audit`, `pip-audit`',
    'npm audit',
  ),
  byHand(
    ['M11.up', 'after', '`prod-build`, `prod-up` and `prod-health` succeed: every service is up'],
    'the answer of health: each service is up, or why not',
    'sallyport health',
    'make prod-build and prod-up: databases first, and every service answers',
  ),
  byRules(
    [
      'M1.reached',
      'after',
      'From another host nothing answers but 3000 and 8000 (or 443): no internal service, no PostgreSQL, no Redis, whatever ufw says',
    ],
    ['private-reachable', 'docker-past-firewall', 'datastore-reachable'],
    ['policy', 'machine', 'running', 'containers'],
    'others reach the frontend and the API, and nothing else',
  ),
  byHand(
    [
      'M17.troubleshooting',
      'after',
      'A failure is told apart: “Invalid internal API key”, “Google OAuth failed”, “Service not responding”, “Database connection failed”',
    ],
    'health says which service is down and why; logs --security who was refused; the two others by the service’s own log',
    'sallyport health',
    'one that does not come up is told with its last lines, without the secrets in them',
  ),
  byHand(
    ['M14.watch', 'continuous', 'Authentication failures, invalid internal keys and unusual traffic are watched, per address and per user'],
    'the stream of refusals of every log; who appears often, and whether alerts reach somebody',
    'sallyport logs --security --follow',
    'M2 · a request without the internal key is refused, and logs --security tells who it was',
  ),
  byHand(
    ['M16.review', 'continuous', 'Accounts, keys and OAuth settings are reviewed; dependencies are kept up to date'],
    'every month: who has access to the server, the repository and the cloud; which keys are older than a year; open advisories',
    'npm outdated',
  ),
  byHand(
    ['M15.stop', 'incident', 'Stop everything'],
    'nothing answers any more: health says so of each service',
    'sallyport down --yes',
    'M11 · make prod-down stops everything, and the data stays',
  ),
  byHand(
    ['M15.rotate', 'incident', 'Rotate all keys, without an overlap'],
    'the keys of others (Google, OpenAI, SendGrid) are changed at their consoles, which the command names',
    'sallyport keys rotate --incident',
    'M9 · in an incident there is no overlap: every own key is new, and no old one is left',
  ),
  byHand(
    ['M15.revoke', 'incident', 'Revoke all tokens: a new `JWT_SECRET` revokes every token that it has signed'],
    'an old token gets 401 after the restart; sessions kept elsewhere (Redis) are deleted there',
    'sallyport keys rotate JWT_SECRET --incident',
  ),
  byHand(
    ['M15.restart', 'incident', 'Restart, verify health, and write down what was done and which accounts were active'],
    'health after the start; the logs of the time before for the accounts',
    'sallyport up',
    'M11 · make prod-build and prod-up: databases first, and every service answers',
  ),
]
