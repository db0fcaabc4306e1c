/**
 * Files of a machine that set up a login or a toolchain: what a login sets a start that reads none of them inherits as well, and the two
 * are told alike; a toolchain sets its own variables.
 */
const SETS_UP =
  /(?:^|\/)(?:activate(?:\.\w+)?|nvm\.sh|conda\.sh|mamba\.sh|asdf\.sh|sdkman-init\.sh|os-release|lsb-release|init-functions|\.?bashrc|\.?bash_profile|\.?profile|\.?bash_login|\.?z(?:shrc|profile|shenv)|bash\.bashrc|bash_completion|\.?(?:cargo|deno|ghcup)\/env|\.?(?:rvm\/)?scripts\/rvm|emsdk_env\.sh|setvars\.sh|(?:local_)?setup\.(?:ba|z)?sh)$/

/** Programs whose output is made for `eval`, and sets variables of their own only. */
const PRINTS_SETTINGS: ReadonlySet<string> = new Set([
  'ssh-agent',
  'gpg-agent',
  'keychain',
  'pyenv',
  'rbenv',
  'nodenv',
  'goenv',
  'jenv',
  'plenv',
  'fnm',
  'conda',
  'mamba',
  'micromamba',
  'brew',
  'opam',
  'luarocks',
  'starship',
  'zoxide',
  'dircolors',
  'lesspipe',
  'resize',
  'minikube',
  'docker-machine',
  'register-python-argcomplete',
  'thefuck',
])

/** Whether a file that scripts read in, by its path as far as it is known, sets nothing about services. */
export function setsUp(path: string): boolean {
  return path.length <= 512 && SETS_UP.test(path)
}

export function printsSettings(program: string | undefined): boolean {
  return program !== undefined && PRINTS_SETTINGS.has(program.slice(program.lastIndexOf('/') + 1))
}
