import { isSecretName } from '../../evidence/index.ts'

/** Who makes the value of a secret, by the variable's name. */
export type Maker =
  /** The deployment itself: any random text will do. */
  | { readonly kind: 'own' }
  /** A service of others gives it out; it is changed there first. */
  | { readonly kind: 'issuer'; readonly who: string; readonly where: string }
  /** A data store has it too, and has to be given the new one. */
  | { readonly kind: 'store' }
  /** Nothing is known of who makes it. */
  | { readonly kind: 'unknown' }

interface Issuer {
  readonly name: RegExp
  readonly who: string
  /** The page where keys are made and revoked, from the issuer's own documentation. */
  readonly where: string
}

const ISSUERS: readonly Issuer[] = [
  { name: /(?:^|_)OPENAI_/, who: 'OpenAI', where: 'https://platform.openai.com/api-keys' },
  { name: /(?:^|_)ANTHROPIC_/, who: 'Anthropic', where: 'https://console.anthropic.com/settings/keys' },
  { name: /(?:^|_)SENDGRID_/, who: 'SendGrid', where: 'https://app.sendgrid.com/settings/api_keys' },
  { name: /(?:^|_)(?:GOOGLE|GCP)_/, who: 'Google', where: 'https://console.cloud.google.com/apis/credentials' },
  { name: /(?:^|_)TWILIO_/, who: 'Twilio', where: 'https://console.twilio.com (Account, API keys & tokens)' },
  { name: /(?:^|_)STRIPE_/, who: 'Stripe', where: 'https://dashboard.stripe.com/apikeys' },
  { name: /(?:^|_)AWS_/, who: 'AWS', where: 'https://console.aws.amazon.com/iam (Users, Security credentials)' },
  { name: /(?:^|_)(?:GITHUB|GH)_/, who: 'GitHub', where: 'https://github.com/settings/developers or /settings/tokens' },
  { name: /(?:^|_)GITLAB_/, who: 'GitLab', where: 'the page Access tokens of the user, group or project' },
  { name: /(?:^|_)SLACK_/, who: 'Slack', where: 'https://api.slack.com/apps' },
  { name: /(?:^|_)DISCORD_/, who: 'Discord', where: 'https://discord.com/developers/applications' },
  { name: /(?:^|_)MAILGUN_/, who: 'Mailgun', where: 'https://app.mailgun.com/settings/api_security' },
  { name: /(?:^|_)SENTRY_/, who: 'Sentry', where: 'https://sentry.io/settings/account/api/auth-tokens/' },
  {
    name: /(?:^|_)(?:AZURE|MICROSOFT)_/,
    who: 'Microsoft',
    where: 'https://entra.microsoft.com (App registrations, Certificates & secrets)',
  },
  { name: /(?:^|_)AUTH0_/, who: 'Auth0', where: 'https://manage.auth0.com (Applications, Settings)' },
  { name: /(?:^|_)CLOUDFLARE_/, who: 'Cloudflare', where: 'https://dash.cloudflare.com/profile/api-tokens' },
  { name: /(?:^|_)ELEVENLABS_/, who: 'ElevenLabs', where: 'https://elevenlabs.io/app/settings/api-keys' },
  { name: /(?:^|_)DEEPGRAM_/, who: 'Deepgram', where: 'https://console.deepgram.com' },
  {
    name: /(?:^|_)(?:OAUTH|OIDC|EMR|FACEBOOK|APPLE|LINKEDIN|TWITTER)_(?:\w+_)?CLIENT_SECRET$|(?:^|_)CLIENT_SECRET$/,
    who: 'the identity provider',
    where: 'the page of this client at the provider',
  },
]

const STORE =
  /(?:^|_)(?:DATABASE|DB|POSTGRES|POSTGRESQL|PG|MYSQL|MARIADB|MONGO|MONGODB|REDIS|VALKEY|RABBITMQ|AMQP|ELASTIC|MINIO|ESL|FREESWITCH|SIP|SMTP)(?:_|$)|^PG/

/** Names that frameworks and people give to keys of the deployment's own. `API_KEY` is none: it is as often the key of somebody else's API. */
const OWN =
  /(?:^|_)(?:JWT|SESSION|COOKIE|CSRF|INTERNAL|GUARD|GATEWAY|SIGNING|HMAC|ENCRYPTION|NEXTAUTH|BETTER_AUTH|AUTH|APP|REFRESH_TOKEN|ACCESS_TOKEN|SERVICE|SERVER|ADMIN|STATE|TOKEN)_(?:\w+_)?(?:SECRET|KEY|TOKEN|SALT|PEPPER)(?:_BASE)?$|^(?:SECRET_KEY(?:_BASE)?|SECRET|JWT|APP_SECRET|SALT|PEPPER)$|(?:^|_)(?:DJANGO|FLASK|RAILS)_SECRET_KEY$/

/** Names of keys with which data is encrypted or hashed that is kept: what was stored cannot be read with another one. */
const DATA = /(?:^|_)(?:ENCRYPTION|ENCRYPT|CIPHER|CRYPTO|MASTER|VAULT|FERNET|AES)_(?:\w+_)?KEY$|(?:^|_)(?:SALT|PEPPER)$|^APP_KEY$/

/** Names that people give to the key that is still valid while another takes over. */
const PREVIOUS = /_PREVIOUS$/

/** Who makes the value under a secret's name; `undefined`: the name is no secret's. */
export function makerOf(name: string): Maker | undefined {
  if (name.length > 128 || !isSecretName(name)) return undefined
  const plain = name.toUpperCase().replace(PREVIOUS, '')
  const issuer = ISSUERS.find((row) => row.name.test(plain))
  if (issuer !== undefined) return { kind: 'issuer', who: issuer.who, where: issuer.where }
  if (STORE.test(plain)) return { kind: 'store' }
  return { kind: OWN.test(plain) ? 'own' : 'unknown' }
}

/** Whether the value is an address by the variable's name: no random text can take its place. */
export function isAddressName(name: string): boolean {
  return /_(?:URL|URI|DSN)S?$/i.test(name)
}

/** Whether a new value makes worthless what is stored, by the variable's name. */
export function isDataKey(name: string): boolean {
  return name.length <= 128 && DATA.test(name.toUpperCase().replace(PREVIOUS, ''))
}
