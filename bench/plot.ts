export interface Line {
  readonly title: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

const WIDTH = 60
const HEIGHT = 20

/** Lines as letters on logarithmic axes: straight is a power, and one step up for one step to the right is in proportion. */
export function plot(lines: readonly Line[]): string {
  const all = lines.flatMap(({ points }) => points)
  const axis = (values: readonly number[]) => ({
    low: Math.floor(Math.log10(Math.min(...values))),
    high: Math.ceil(Math.log10(Math.max(...values))),
  })
  const x = axis(all.map(([value]) => value))
  const y = axis(all.map(([, value]) => value))
  const grid = Array.from({ length: HEIGHT + 1 }, () => Array<string>(WIDTH + 1).fill(' '))
  const column = (value: number): number => Math.round(((Math.log10(value) - x.low) / (x.high - x.low)) * WIDTH)
  const line = (value: number): number => HEIGHT - Math.round(((Math.log10(value) - y.low) / (y.high - y.low)) * HEIGHT)
  const put = (at: number, up: number, text: string, over: boolean): void => {
    const cells = grid[up]
    if (cells !== undefined && (over || cells[at] === ' ')) cells[at] = text
  }
  for (const [index, { points }] of lines.entries()) {
    const letter = String.fromCodePoint(65 + index)
    for (const [from, [x0, y0]] of points.entries()) {
      const to = points[from + 1]
      if (to === undefined) continue
      const [start, end] = [column(x0), column(to[0])]
      for (let at = start; at <= end; at++) {
        const share = (at - start) / (end - start)
        put(at, line(10 ** (Math.log10(y0) * (1 - share) + Math.log10(to[1]) * share)), '·', false)
      }
    }
    for (const [px, py] of points) put(column(px), line(py), letter, true)
  }
  const label = (row: number): string => {
    const power = y.high - (row * (y.high - y.low)) / HEIGHT
    return Number.isInteger(power) ? `${(10 ** power).toLocaleString('en')} ms` : ''
  }
  const feet = Array.from({ length: x.high - x.low + 1 }, (_, index) => (10 ** (x.low + index)).toLocaleString('en'))
  const gap = WIDTH / (x.high - x.low)
  return [
    ...grid.map((cells, row) => `${label(row).padStart(10)} |${cells.join('').trimEnd()}`),
    `${' '.repeat(10)} +${'-'.repeat(WIDTH)}`,
    `${' '.repeat(10)}${feet.map((text, index) => (index === 0 ? text.padStart(3) : text.padStart(gap))).join('')} rules`,
    '',
    ...lines.map(({ title }, index) => `${String.fromCodePoint(65 + index)}  ${title}`),
  ].join('\n')
}
