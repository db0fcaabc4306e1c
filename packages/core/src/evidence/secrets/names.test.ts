import { describe, expect, it } from 'vitest'
import { isSecretName } from './index.ts'

describe('C5 · names of secrets', () => {
  it('is what a value is kept from every eye for', () => {
    const names = `DB_PASSWORD apiKey JWT_SECRET client_secret STRIPE_SK password PASSWD dbPass db.password spring.datasource.password X-API-Key
    X-Internal-API-Key INTERNAL_API_KEY SENDGRID_API_KEY GOOGLE_CLIENT_SECRET AWS_SECRET_ACCESS_KEY AWS_ACCESS_KEY_ID authToken accesstoken
    REFRESH_TOKEN csrfToken privateKey ssh_private_key PRIVATE_KEY OPENAI_KEY stripe_secret_key clientSecret appsecret SENTRY_DSN DATABASE_URL
    redis_url connectionString AzureWebJobsStorage_ConnectionString session_secret PGPASSWORD MYSQL_PWD pwd dbPwd Authorization _authToken _auth
    BASIC_AUTH requirepass masterauth Set-Cookie SESSION_COOKIE PASSWORD_SALT MNEMONIC passphrase SSH_PASSPHRASE TOKEN token secrets SECRET_KEY_BASE
    ENCRYPTION_KEY signingKey WEBHOOK_SECRET twilio_auth_token PASSWORD1 JWTSecret OAuthToken DBPassword adminpass ADMIN_PASS HTTP_COOKIE
    DB_PW dbpw jwt API_JWT PGPASS smtppass MAILPASS COOKIE_SIGNING sessionSigning TOKEN_SIGNING INTERNAL_API_KEY_PREVIOUS INTERNAL_API_KEY_NEXT oldApiKey PEPPER PASSWORD_PEPPER pepper PAT GH_PAT
    GITHUB_PAT DEPLOY_PAT githubPat azure.devops.pat dbpwd FTP_USERPWD`
    expect(names.split(/\s+/).filter((name) => !isSecretName(name))).toEqual([])
  })

  it('is none that only looks like it, or speaks about a secret', () => {
    const names = `KEYBOARD tokenizer PASSPORT_PORT MONKEY monkey HOST PORT compass BYPASS passenger PASSIVE_PORTS proxy_pass fastcgi_pass keyboard primaryKey
    PRIMARY_KEY foreign_key SORT_KEY publicKey PUBLIC_KEY STRIPE_PUBLISHABLE_KEY CACHE_KEY key keys KEY turkey hockey PWD OLDPWD MAX_TOKENS max_tokens
    maxTokens num_tokens tokenCount TOKEN_TTL TOKEN_EXPIRES_IN passwordField PASSWORD_MIN_LENGTH SECRET_FILE POSTGRES_PASSWORD_FILE token_endpoint
    password-stdin TOKEN_URL tokenType SECRET_NAME secretary tokenization passthrough PASSTHROUGH author authority AUTH_SERVICE_PORT auth authMode cookieParser
    cookie_domain COOKIE_SECURE COOKIE_NAME URL BASE_URL PUBLIC_URL webhookUrl CORS_ORIGINS NODE_ENV ssl_certificate_key SSL_KEY TLS_KEY string
    desk risk saltLake OSPF_AREA tokenService passwordPolicy accessLog encryption apiVersion KEYCLOAK_PORT overpass MULTIPASS CODE_SIGNING ENABLE_SIGNING signing PREVIOUS NEXT
    pat PATH URL_PAT EXCLUDE_PAT filePat COMPAT pattern peppermint LOGIN loginUrl PRIMARY_KEY_OLD INTERNAL_API_KEY_PREVIOUS_UNTIL`
    expect(names.split(/\s+/).filter((name) => isSecretName(name))).toEqual([])
  })
})
