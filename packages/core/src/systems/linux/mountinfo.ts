/** A network namespace that a file stands for, so that it lives without a process in it (ip-netns(8), `/run/docker/netns`). */
export interface NamespaceMount {
  /** The inode of the namespace. */
  readonly id: string
  /** As the processes of that mount namespace see it. */
  readonly path: string
}

/** The network namespaces that are mounted, by a text of /proc/PID/mountinfo (proc_pid_mountinfo(5)). */
export function readNamespaceMounts(text: string): readonly NamespaceMount[] {
  return text.split('\n').flatMap((line) => {
    if (!line.includes(' - nsfs ')) return []
    const [, , , root = '', path = ''] = line.split(' ')
    const id = /^net:\[(\d{1,20})\]$/.exec(root)?.[1]
    return id === undefined || path === '' ? [] : [{ id, path: unescape(path) }]
  })
}

/** mangle_path of fs/seq_file.c: blanks, tabs, line feeds, backslashes and `#` come as three octal digits. */
function unescape(path: string): string {
  return path.replace(/\\([0-3][0-7]{2})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
