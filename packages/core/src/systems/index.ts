import { batch } from './batch/index.ts'
import { caddy } from './caddy/index.ts'
import { compose } from './compose/index.ts'
import { dockerfile } from './dockerfile/index.ts'
import { dotenv } from './dotenv/index.ts'
import { filterStart } from './filter-start/index.ts'
import { firewalld } from './firewalld/index.ts'
import { go } from './go/index.ts'
import { haproxy } from './haproxy/index.ts'
import { javascript } from './javascript/index.ts'
import { kubernetes } from './kubernetes/index.ts'
import { makefile } from './makefile/index.ts'
import { iptables, nftables } from './netfilter/index.ts'
import { nginx } from './nginx/index.ts'
import { packageJson } from './package-json/index.ts'
import { pm2 } from './pm2/index.ts'
import { powershell } from './powershell/index.ts'
import { procfile } from './procfile/index.ts'
import { python } from './python/index.ts'
import { quadlet } from './quadlet/index.ts'
import { shell } from './shell/index.ts'
import { supervisor } from './supervisor/index.ts'
import type { System } from './system.ts'
import { systemd } from './systemd/index.ts'
import { tasks } from './tasks/index.ts'
import { ufw } from './ufw/index.ts'

export * from './docker/index.ts'
export * from './dotenv/assign.ts'
export * from './dotenv/judge.ts'
export * from './dotenv/makers.ts'
export * from './dotenv/plain.ts'
export * from './dotenv/strength.ts'
export { environmentOfFile } from './dotenv/written.ts'
export { Draft } from './draft.ts'
export type { Arrow, Picture, PicturedHost, PicturedService, PicturedSource } from './diagram/index.ts'
export * from './edit.ts'
export { isEdgeFunction } from './edge.ts'
export { editorFor } from './editors.ts'
export * from './framework.ts'
export { GIVEN_COMMAND, givenCommand } from './given-command.ts'
export * from './json.ts'
export * from './linux/index.ts'
export * from './netfilter/index.ts'
export { ignores } from './git/edit.ts'
export { environmentIn } from './environments.ts'
export { sourceTwins } from './built.ts'
export { directoryOf, joinPath, nameOf, stemOf } from './paths.ts'
export { hostWords, titleOf, wordBeforeOptions } from './programs/host-option.ts'
export { debuggersOfNodeOptions } from './programs/inspector.ts'
export * from './podman/index.ts'
export { shellWord } from './shell-word.ts'
export { isTestPath } from './tests.ts'
export * from './system.ts'
export * from './write.ts'
export { ScriptPlaces } from './scripted-files.ts'
export { WRITABLE } from './writers.ts'

/** Every system that Sallyport reads. Each folder of this directory has one line here. */
export const SYSTEMS: readonly System[] = [
  batch,
  caddy,
  compose,
  dockerfile,
  dotenv,
  filterStart,
  firewalld,
  go,
  haproxy,
  iptables,
  javascript,
  kubernetes,
  makefile,
  nftables,
  nginx,
  packageJson,
  pm2,
  powershell,
  procfile,
  python,
  quadlet,
  shell,
  supervisor,
  systemd,
  tasks,
  ufw,
]
