/** A kind of file that a program made or that says what once was: a number in it stays right, or is made anew with the file. */
interface RecordKind {
  /** Why it stays. */
  readonly why: string
  readonly path: RegExp
}

const RECORDS: readonly RecordKind[] = [
  {
    why: 'a lock file or a list of checksums: its program writes it',
    path: /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|packages\.lock\.json|bun\.lockb|\.terraform\.lock\.hcl|gradle\.lockfile|go(?:\.work)?\.sum|[\w.-]*SUMS)$|\.(?:lock|sum|md5|sha\d{1,3})$/,
  },
  {
    why: 'generated or minified: what it is made from is changed, and it is made anew',
    path: /\.(?:min|bundle|chunk|generated|gen|pb)\.\w{1,4}$|_pb2(?:_grpc)?\.pyi?$|\.(?:map|tsbuildinfo)$|(?:^|\/)\.\w+lintcache$/,
  },
  {
    why: 'a migration: what was done with it is done, and its text may be checked',
    path: /(?:^|\/)(?:migrations?|db\/migrate|alembic\/versions)\//,
  },
  {
    why: 'data, or a dump of some',
    path: /\.(?:sql|dump|dmp|csv|tsv|ndjson|jsonl|geojson|parquet|sqlite3?|db|rdb|ldif|lcov|tfstate|ipynb)(?:\.backup)?$/i,
  },
  { why: 'ufw’s own list of its rules, which ufw writes', path: /(?:^|\/)ufw\/user6?\.rules$/ },
  { why: 'a log', path: /\.(?:log|out|err)(?:[.-][\w-]{1,40})*$|(?:^|\/)[\w-]+\.\d{1,3}$/i },
  {
    why: 'a recording: it is played back as it was',
    path: /\.(?:har|saz|pcapng|cast|vcr)$|(?:^|\/)(?:cassettes|__recordings__|recordings)\//i,
  },
  { why: 'a snapshot of a test: the test writes it anew', path: /\.(?:snap|approved\.\w{1,8})$|(?:^|\/)__snapshots__\// },
  {
    why: 'a key, a certificate or a signature',
    path: /\.(?:pem|key|crt|cer|csr|der|p12|pfx|jks|ppk|gpg|pgp|asc|sig|age|pub)$|(?:^|\/)(?:id_(?:rsa|dsa|ecdsa|ed25519)|known_hosts|authorized_keys)$/i,
  },
  { why: 'a record of changes', path: /\.(?:patch|diff|rej)$|(?:^|\/)\.git-blame-ignore-revs$/i },
  { why: 'a copy that was put aside', path: /\.(?:bak|old|orig|save|swp)$|~$/i },
]

/** Why a file is nobody's to edit, by its path; `undefined`: it is one that people write. */
export function recordWhy(path: string): string | undefined {
  return RECORDS.find((each) => each.path.test(path))?.why
}
