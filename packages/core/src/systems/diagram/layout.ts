import type { Arrow, Picture, PicturedService, PicturedSource } from './picture.ts'

/** In units of the SVG's user space, y downwards. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Layout {
  readonly width: number
  readonly height: number
  readonly sources: readonly { readonly source: PicturedSource; readonly box: Box }[]
  readonly hosts: readonly { readonly label: string; readonly box: Box }[]
  readonly services: readonly { readonly service: PicturedService; readonly box: Box }[]
  readonly arrows: readonly PlacedArrow[]
}

export interface PlacedArrow {
  readonly arrow: Arrow
  /** The `d` of an SVG path. */
  readonly path: string
  readonly label: { readonly x: number; readonly y: number; readonly anchor: 'start' | 'end' }
}

const MARGIN = 20
const TITLE = 44
const SOURCE = { width: 180, height: 44, gap: 14 }
/** From the sources to the hosts: the bends, and then the labels. */
const BEND = 70
const LABELS = 130
const PADDING = 20
const SERVICE = { width: 230, height: 44 }
/** From the doors to what is behind them. */
const BETWEEN = 160
const ROW = 58
const HEAD = 34
const HOST_GAP = 26
const LANE = 14
/** From a door to where its arrows part; each door's own is a little further. */
const TRUNK = 14

/**
 * Sources on the left, then the doors, then what is behind them, each service in a row of its own: so no arrow from a source crosses a box
 * on its way. Arrows from one host to another go around on the right, each in a lane of its own.
 */
export function layoutOf(picture: Picture): Layout {
  const frame = { x: MARGIN + SOURCE.width + BEND + LABELS, width: PADDING * 2 + SERVICE.width * 2 + BETWEEN }
  const [doors, behind] = [frame.x + PADDING, frame.x + PADDING + SERVICE.width + BETWEEN]
  const services = new Map<string, { readonly service: PicturedService; readonly box: Box }>()
  const hosts = new Map<string, { readonly label: string; readonly box: Box }>()
  let y = TITLE + MARGIN
  for (const host of picture.hosts) {
    const top = y
    y += HEAD
    for (const service of ordered(host.services, picture.arrows)) {
      services.set(service.id, { service, box: { x: service.door ? doors : behind, y, width: SERVICE.width, height: SERVICE.height } })
      y += ROW
    }
    hosts.set(host.id, { label: host.label, box: { x: frame.x, y: top, width: frame.width, height: y - top } })
    y += HOST_GAP
  }
  const sources = placeSources(picture, services)
  const right = frame.x + frame.width
  const lanes = picture.arrows.filter(({ from }) => hosts.has(from)).length
  const arrows = place(picture.arrows, { sources, hosts, services, right, bend: MARGIN + SOURCE.width + BEND })
  const lowest = Math.max(y - HOST_GAP, ...[...sources.values()].map(({ box }) => box.y + box.height))
  return {
    width: right + (lanes === 0 ? 0 : LABELS + lanes * LANE) + MARGIN,
    height: lowest + MARGIN + HEAD,
    sources: [...sources.values()],
    hosts: [...hosts.values()],
    services: [...services.values()],
    arrows,
  }
}

/** Every door before what it leads to; what no door leads to comes last, in the order of the policy. */
function ordered(services: readonly PicturedService[], arrows: readonly Arrow[]): readonly PicturedService[] {
  const found = new Set<PicturedService>()
  for (const door of services.filter((service) => service.door)) {
    found.add(door)
    for (const { to } of arrows.filter((arrow) => arrow.from === door.id)) {
      const target = services.find(({ id, door: isDoor }) => id === to && !isDoor)
      if (target !== undefined) found.add(target)
    }
  }
  for (const service of services) found.add(service)
  return [...found]
}

type Placed<T> = ReadonlyMap<string, T & { readonly box: Box }>

const middle = ({ y, height }: Box): number => y + height / 2

/** Each beside the middle of what it reaches, as far as the others leave room. */
function placeSources({ sources, arrows }: Picture, services: Placed<object>): Placed<{ readonly source: PicturedSource }> {
  const wanted = sources.map((source) => {
    const targets = arrows.flatMap(({ from, to }) => (from === source.id ? (services.get(to)?.box ?? []) : []))
    const mean = targets.reduce((sum, box) => sum + middle(box), 0) / Math.max(1, targets.length)
    return { source, y: mean - SOURCE.height / 2 }
  })
  let free = TITLE + MARGIN
  return new Map(
    wanted
      .toSorted((a, b) => a.y - b.y)
      .map(({ source, y }) => {
        const box = { x: MARGIN, y: Math.round(Math.max(free, y)), width: SOURCE.width, height: SOURCE.height }
        free = box.y + SOURCE.height + SOURCE.gap
        return [source.id, { source, box }]
      }),
  )
}

interface Places {
  readonly sources: Placed<object>
  readonly hosts: Placed<object>
  readonly services: Placed<object>
  /** Where the hosts end. */
  readonly right: number
  /** Where the arrows from the sources have reached the height of what they go to. */
  readonly bend: number
}

function place(arrows: readonly Arrow[], { sources, hosts, services, right, bend }: Places): readonly PlacedArrow[] {
  let lane = 0
  const doors = [...new Set(arrows.flatMap(({ from }) => (services.has(from) ? [from] : [])))]
  return arrows.flatMap((arrow): readonly PlacedArrow[] => {
    const to = services.get(arrow.to)?.box
    if (to === undefined) return []
    const y = middle(to)
    const source = sources.get(arrow.from)?.box
    if (source !== undefined) {
      const start = { x: source.x + source.width, y: middle(source) }
      return [{ arrow, path: `${curve(start, { x: bend, y })} H ${to.x - TIP}`, label: { x: bend + LABELS - 6, y: y - 5, anchor: 'end' } }]
    }
    const host = hosts.get(arrow.from)?.box
    if (host !== undefined) {
      const out = right + LABELS + LANE * lane++
      const top = host.y + HEAD / 2
      return [
        { arrow, path: `M ${right} ${top} H ${out} V ${y} H ${to.x + to.width + TIP}`, label: { x: right + 6, y: y - 5, anchor: 'start' } },
      ]
    }
    const door = services.get(arrow.from)?.box
    if (door === undefined) return []
    // To a box that is no further right, as that of a door on another host, around its left side.
    if (to.x < door.x + door.width) {
      const left = Math.min(door.x, to.x) - PADDING / 2
      return [
        {
          arrow,
          path: `M ${door.x} ${middle(door) + 8} H ${left} V ${y + 8} H ${to.x - TIP}`,
          label: { x: to.x + 6, y: to.y - 3, anchor: 'start' },
        },
      ]
    }
    const trunk = door.x + door.width + TRUNK + (doors.indexOf(arrow.from) % 5) * 5
    return [
      {
        arrow,
        path: `M ${door.x + door.width} ${middle(door)} H ${trunk} V ${y} H ${to.x - TIP}`,
        label: { x: to.x - 12, y: y - 5, anchor: 'end' },
      },
    ]
  })
}

/** The length of an arrow's head. */
const TIP = 7

function curve(from: { readonly x: number; readonly y: number }, to: { readonly x: number; readonly y: number }): string {
  const half = Math.round((from.x + to.x) / 2)
  return `M ${from.x} ${from.y} C ${half} ${from.y} ${half} ${to.y} ${to.x} ${to.y}`
}
