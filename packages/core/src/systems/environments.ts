/** Short names that people give environments, and the long ones that they stand for. */
const SHORT: Readonly<Record<string, string>> = {
  prod: 'production',
  dev: 'development',
  devel: 'development',
  stage: 'staging',
  stg: 'staging',
  testing: 'test',
  ci: 'ci',
  qa: 'qa',
  uat: 'uat',
}
const LONG: ReadonlySet<string> = new Set(['production', 'development', 'staging', 'test', 'preview', 'demo', 'sandbox', 'local', 'e2e'])

/** The environment that a part of a file's name says (`prod` in `docker-compose.prod.yml`); `undefined` where it says none that is known. */
function environmentNamed(part: string): string | undefined {
  const name = part.toLowerCase()
  return LONG.has(name) ? name : Object.hasOwn(SHORT, name) ? SHORT[name] : undefined
}

/** The first environment that one of the parts of a file's name, between `.`, `-` and `_`, says. */
export function environmentIn(fileName: string): string | undefined {
  for (const part of fileName.split(/[.\-_]/).slice(0, 20)) {
    const found = environmentNamed(part)
    if (found !== undefined) return found
  }
  return undefined
}

/** A file of variables that everybody has for himself: without it the defaults of what reads it hold. */
export function isOwnFile(path: string): boolean {
  return !path.startsWith('/') && /(?:^|\/)\.env(?:(?:\.\w{1,50}){0,4}\.local)?$/.test(path)
}
