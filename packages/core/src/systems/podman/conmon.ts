import { printable } from '../../evidence/index.ts'

/** A container of Podman's, as the conmon(8) that holds it was started. */
export interface Conmon {
  /** 64 hexadecimal digits. */
  readonly id: string
  readonly name: string
  /** `containers.json` of the storage that its bundle lies in (containers/storage, ContainerStore), where its image is told. */
  readonly storage: string | undefined
}

/**
 * Reads the arguments that Podman starts conmon with (libpod/oci_conmon_common.go, sharedConmonArgs). `undefined`: of no container that
 * runs by it: CRI-O starts it too, and `podman exec` for what it runs in a container that another one holds.
 */
export function readConmon(words: readonly string[]): Conmon | undefined {
  const valueOf = (...options: readonly string[]): string | undefined => {
    const index = words.findIndex((word) => options.includes(word))
    return index < 0 ? undefined : words[index + 1]
  }
  const id = valueOf('-c', '--cid') ?? ''
  const isPodmans = valueOf('--exit-command')?.split('/').at(-1) === 'podman'
  if (!isPodmans || !CONTAINER_ID.test(id) || words.includes('--exec-process-spec')) return undefined
  const storage = /^(\/.{1,4096})\/[^/]+\/userdata$/.exec(valueOf('-b', '--bundle') ?? '')?.[1]
  return {
    id,
    name: printable(valueOf('-n', '--name') ?? id.slice(0, 12)),
    storage: storage === undefined ? undefined : `${storage}/containers.json`,
  }
}

/** As they are named for one container, and for all on a user's own bridges (containers/common, pkg/netns and libnetwork). */
const NAMESPACE_FILE = /^\/.{0,4096}\/(?:netns-[0-9a-f-]{36}|rootless-(?:netns|cni)(?:-[0-9a-f-]{1,64})?)$/

const CONTAINER_ID = /^[0-9a-f]{64}$/

/**
 * The container that a program of rootless networking was started for, as far as its arguments say: slirp4netns, by the socket on which it
 * is told what to publish (libpod/networking_slirp4netns.go), or the file that stands for the container's namespace (pasta has it too).
 */
export function readPassing(
  words: readonly string[],
): { readonly kind: 'id'; readonly id: string } | { readonly kind: 'namespace'; readonly path: string } | undefined {
  const socket = words[words.indexOf('--api-socket') + 1] ?? ''
  const id = words.includes('--api-socket') ? /\/([0-9a-f]{64})\.net$/.exec(socket)?.[1] : undefined
  if (id !== undefined) return { kind: 'id', id }
  const path = words.find((word) => NAMESPACE_FILE.test(word))
  return path === undefined ? undefined : { kind: 'namespace', path }
}
