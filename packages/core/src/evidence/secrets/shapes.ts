import type { TextRange } from './ranges.ts'

/** Credentials that are known by their own shape, whatever they are called. Where a shape has a group, the group is the secret. */
const SHAPES: readonly {
  readonly name: string
  /** One of these is in every text that has the shape, so that the others need not be looked at closely. */
  readonly hints?: readonly string[]
  readonly shape: RegExp
}[] = [
  { name: 'JSON Web Token (RFC 7519)', hints: ['eyJ'], shape: /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)*/g },
  {
    name: 'private key (RFC 7468, OpenPGP)',
    hints: ['PRIVATE KEY'],
    shape: /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[^]*?(?:-----END[^-\n]{0,60}-----|$)/g,
  },
  { name: 'AWS access key id', hints: ['AKIA', 'ASIA', 'ABIA', 'ACCA'], shape: /\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{12,}/g },
  { name: 'GitHub', hints: ['gh', 'github_pat_'], shape: /\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{16,})/g },
  { name: 'GitLab', hints: ['gl'], shape: /\b(?:glpat|gldt|glrt|glcbt|glptt|glft|glsoat|glagent|gloas)-[\w-]{16,}/g },
  { name: 'OpenAI, Anthropic and their like', hints: ['sk-'], shape: /\bsk-[A-Za-z0-9_-]{16,}/g },
  { name: 'Stripe', hints: ['k_live_', 'k_test_', 'whsec_'], shape: /\b(?:[spr]k_(?:live|test)_\w{8,}|whsec_[\w+/=]{16,})/g },
  { name: 'SendGrid', hints: ['SG.'], shape: /\bSG\.[\w-]{16,}(?:\.[\w-]+)?/g },
  { name: 'Slack', hints: ['xox', 'xapp-'], shape: /\bx(?:ox[a-z]|app)-[A-Za-z0-9-]{10,}/g },
  {
    name: 'Slack and Discord web hooks',
    hints: ['hooks.slack.com', '/api/webhooks'],
    shape: /\b(?:hooks\.slack\.com\/(?:services|workflows)|discord(?:app)?\.com\/api\/webhooks)\/([\w/-]{8,})/g,
  },
  { name: 'Google', hints: ['AIza', 'GOCSPX', 'ya29'], shape: /\b(?:AIza[\w-]{30,}|GOCSPX-[\w-]{16,}|ya29\.[\w-]{16,})/g },
  { name: 'Twilio', hints: ['AC', 'SK'], shape: /\b(?:AC|SK)[0-9a-f]{32}\b/g },
  { name: 'npm, PyPI', hints: ['npm_', 'pypi-'], shape: /\b(?:npm_[A-Za-z0-9]{30,}|pypi-[\w-]{30,})/g },
  { name: 'Telegram', hints: [':'], shape: /\b\d{8,10}:[\w-]{32,}/g },
  { name: 'Mailgun, Mailchimp', hints: ['key-', '-us'], shape: /\b(?:key-[0-9a-f]{32}|[0-9a-f]{32}-us\d{1,2})\b/g },
  {
    name: 'DigitalOcean, Vault, Hugging Face, Grafana, Shopify',
    hints: ['_v1_', 'hv', 'hf_', 'gl', 'shp'],
    shape: /\b(?:do[opr]_v1_\w{16,}|hv[sbr]\.[\w-]{16,}|hf_\w{20,}|gl(?:sa|c)_[\w=]{16,}|shp[a-z]{2}_\w{16,})/g,
  },
  { name: 'age', hints: ['AGE-SECRET-KEY'], shape: /\bAGE-SECRET-KEY-1[0-9A-Z]{16,}/g },
  {
    name: 'hashed password (crypt(5), htpasswd)',
    hints: ['$', '{S', '{M'],
    shape: /\$(?:2[abxy]?|apr1|argon2\w{0,2}|scrypt|y|gy|[156])\$[\w./=,$+-]{8,}|\{(?:S?SHA\d*|S?MD5)\}[\w+/=]{8,}/g,
  },
  // What follows is prose where it is a plain word: `Basic authentication`.
  {
    name: 'HTTP credentials (RFC 9110 §11.4)',
    shape:
      /\b(?:[Bb]earer|BEARER|[Bb]asic|BASIC|[Dd]igest|[Tt]oken|[Aa]pi[Kk]ey)\s{1,8}["']?((?![A-Z]?[a-z]+(?:[^\w=+/~%-]|$)|\$[a-z{])[\w.~+/=%|-]{6,})/g,
  },
  { name: 'SQL password', shape: /\bIDENTIFIED\s+(?:WITH\s+\w+\s+)?BY\s+(?:PASSWORD\s+)?(["'][^"']*["']?)/gi },
  { name: 'password of an access list of Redis', hints: ['user '], shape: /\buser\s+[\w.-]{1,64}\s+on\b[^\n>]{0,256}\s>([^\s"']{1,256})/g },
  // In the authority of a URL everything up to its last @ (RFC 3986 §3.2.1).
  { name: 'URL user information', hints: ['://'], shape: /\b[a-z][a-z0-9+.-]{1,20}:\/\/([^\s/?#"'`<>]{1,256})@/gi },
  // A password with a / or ? that should have been encoded; a port before a path is none, where paths have an @ (`http://localhost:3000/@vite/client`).
  {
    name: 'URL user information, not encoded',
    hints: ['://'],
    shape:
      /\b[a-z][a-z0-9+.-]{1,20}:\/\/((?<=https?:\/\/|wss?:\/\/)[^\s:/@"'`<>]{0,64}:(?!\d{1,5}[/?#])[^\s"'`<>]{1,256}|(?<!https?:\/\/|wss?:\/\/)[^\s:/@"'`<>]{0,64}:[^\s"'`<>]{1,256})@(?=[\w.[-])/gi,
  },
  {
    name: 'URL parameter',
    hints: ['='],
    shape:
      /[?&;](?:access_token|id_token|refresh_token|token|api_?key|key|sig|signature|secret|client_secret|password|passwd|pwd|auth|X-Amz-(?:Signature|Credential|Security-Token))=([^&;\s"'`#<>]{1,1024})/gi,
  },
  // user:password of a Go or MySQL data source name.
  { name: 'data source name', hints: ['@tcp(', '@unix(', '@udp('], shape: /\b[\w.-]{1,64}:([^\s@"'`/]{1,128})@(?:tcp|unix|udp)\(/g },
  {
    name: 'token of signed or encoded calls',
    hints: ['jwt.', 'create'],
    shape:
      /\b(?:jwt\.(?:sign|verify|encode|decode)|createHmac|createCipheriv|createDecipheriv)\([^,()]{1,120},\s{0,8}(["'`][^"'`]*["'`]?)/g,
  },
  { name: 'secret of a cookie parser', hints: ['cookieParser('], shape: /\bcookieParser\(\s{0,8}(["'`][^"'`]*["'`]?)/g },
]

/** Where a text has a credential that its shape gives away. */
export function shapedSecrets(text: string): readonly TextRange[] {
  const found: TextRange[] = []
  for (const { hints, shape } of SHAPES) {
    if (hints !== undefined && !hints.some((hint) => text.includes(hint))) continue
    // Most texts have none: nothing is made for them.
    if (text.search(shape) < 0) continue
    for (const match of text.matchAll(shape)) {
      const start = match.index + (match[1] === undefined ? 0 : match[0].lastIndexOf(match[1]))
      found.push({ start, end: start + (match[1] ?? match[0]).length })
    }
  }
  return found
}
