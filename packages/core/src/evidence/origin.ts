import type { Shown } from './shown.ts'

/** 1-based line and column (in UTF-16 code units), 0-based offset into the text. */
export interface Position {
  readonly line: number
  readonly column: number
  readonly offset: number
}

/** `end` is exclusive. */
export interface Span {
  readonly start: Position
  readonly end: Position
}

/** Where a claim comes from. Every verdict and finding can show one of these. */
export type Origin = FileOrigin | RuleOrigin | KernelOrigin | CommandOrigin | ApiOrigin

/** `path` is relative to the folder under inspection, or absolute for a file of the machine. `root` is `/proc/PID/root` for a container's file. */
export interface FileOrigin {
  readonly kind: 'file'
  readonly path: string
  readonly span: Span
  /** The first line of the span as it may be shown: redacted and cut to a screen's width. */
  readonly line: Shown
  readonly root?: string
}

/** Whether both begin at one place of one file, whatever else is said of it. */
export function samePlace(a: FileOrigin, b: FileOrigin): boolean {
  return a.path === b.path && a.span.start.offset === b.span.start.offset
}

/** One rule of a packet filter, as its own tool prints it. `index` is 1-based within the chain. */
export interface RuleOrigin {
  readonly kind: 'rule'
  /** The program whose words `text` is in: `iptables`, `ip6tables`, `nft`, `ufw`, `security-group` … */
  readonly tool: string
  readonly table: string
  readonly chain: string
  readonly index: number
  /** nftables' own handle of the rule. */
  readonly handle?: number
  readonly text: Shown
  /** Set where the rules were read from a file rather than from the kernel. */
  readonly file?: FileOrigin
}

export interface KernelOrigin {
  readonly kind: 'kernel'
  /** A path below /proc or /sys. */
  readonly path: string
  readonly line?: Shown
}

export interface CommandOrigin {
  readonly kind: 'command'
  readonly command: Shown
  readonly line?: Shown
}

export interface ApiOrigin {
  readonly kind: 'api'
  /** `docker GET /containers/json`, `ec2 DescribeSecurityGroups`. */
  readonly call: string
  readonly subject?: string
}
