import { joinPath } from '../paths.ts'

/** Where packages of nginx keep their configuration: what `include /etc/nginx/…` means in a folder that is copied or mounted there. */
const CONFIGURATION_HOMES: readonly string[] = [
  '/etc/nginx/',
  '/usr/local/nginx/conf/',
  '/usr/local/etc/nginx/',
  '/opt/homebrew/etc/nginx/',
  '/usr/local/openresty/nginx/conf/',
  '/etc/openresty/',
]

/** The main files on a machine, in the order in which distributions use them. */
export const MAIN_FILES: readonly string[] = CONFIGURATION_HOMES.map((home) => `${home}nginx.conf`)

/** Folders whose files a main file includes all together. */
export const SITE_FOLDERS: readonly string[] = ['conf.d', 'http.d', 'sites-enabled', 'sites-available', 'vhosts.d', 'servers', 'templates']

/** Those, and what nginx's packages include beside them. */
export function isSiteFolder(pattern: string): boolean {
  return /(?:^|\/)(?:conf\.d|http\.d|sites-(?:enabled|available)|vhosts\.d|servers|templates|default\.d|(?:modules|stream)[^/]*|streams?-enabled)\/[^/]*$/.test(
    pattern,
  )
}

/** Files of the distribution or of certbot that hold types, parameters or TLS settings only: what they say decides no verdict. */
const HARMLESS =
  /(?:^|\/)(?:mime\.types|(?:fastcgi|uwsgi|scgi|proxy)_params|fastcgi\.conf|fastcgi-php\.conf|koi-(?:utf|win)|win-utf|options-ssl-nginx\.conf|snakeoil\.conf|ssl-(?:params|dhparams)\.conf|modules-enabled\/\*\.conf|modules\/\*\.conf)$/

export function isHarmless(path: string): boolean {
  return HARMLESS.test(path)
}

export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '' : path.slice(0, slash + 1)
}

export function isAbsolute(path: string): boolean {
  return path.startsWith('/')
}

/**
 * The path that an `include` names, `prefix` being the folder of the main file (nginx -c; with its final slash), against which
 * nginx takes relative ones whatever file they stand in. `undefined`: outside the folder under inspection.
 */
export function includedPath(pattern: string, prefix: string): string | undefined {
  if (!isAbsolute(pattern) || isAbsolute(prefix)) return joinPath(prefix, pattern)
  const home = CONFIGURATION_HOMES.find((candidate) => pattern.startsWith(candidate))
  return home === undefined ? undefined : joinPath(prefix, pattern.slice(home.length))
}

/** The main file's folder, for a file that some main file outside includes: `nginx/conf.d/app.conf` → `nginx/`. */
export function likelyPrefix(path: string): string {
  const folder = folderOf(path)
  const parts = folder.split('/').slice(0, -1)
  return SITE_FOLDERS.includes(parts.at(-1) ?? '') ? outerFolder(folder) : folder
}

/** The likely one first, then the folders around it: `nginx/conf.d/` → `nginx/`, ``. */
export function possiblePrefixes(path: string): readonly string[] {
  const prefixes = [likelyPrefix(path)]
  for (let folder = prefixes[0] ?? ''; folder !== ''; ) {
    folder = outerFolder(folder)
    prefixes.push(folder)
  }
  return prefixes
}

function outerFolder(folder: string): string {
  return folderOf(folder.slice(0, -1))
}

/** nginx takes a name with one of these for a pattern (`ngx_conf_include`). */
export function isPattern(path: string): boolean {
  return /[*?[]/.test(path)
}
