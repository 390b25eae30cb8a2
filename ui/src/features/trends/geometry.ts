/** What a graph of measures shows, without a canvas: lines that never cross a gap, named gaps, ranges of the axis. Pure. */
import type { Ms, Point, Series } from '../../api/generated'
import { DAY_MS } from '../../records/when'

export interface Gap {
  from: Ms
  to: Ms
}

/** Values farther apart than this are not joined: three days, or twice the usual distance between days with records. In days. */
export function gapAfter(points: readonly Point[], zoneMin: number): number {
  const days = [...new Set(points.map((point) => dayOf(point.at, zoneMin)))].sort((a, b) => a - b)
  const steps = days.slice(1).map((day, index) => day - (days[index] ?? day)).sort((a, b) => a - b)
  const median = steps[Math.floor(steps.length / 2)] ?? 0
  return Math.max(3, median * 2)
}

/** Stretches of whole days in which nobody wrote any of these measures down. */
export function gapsOf(series: readonly Series[], from: Ms, to: Ms, zoneMin: number): Gap[] {
  const points = series.flatMap((each) => each.points)
  const limit = gapAfter(points, zoneMin)
  const days = [...new Set(points.filter((point) => point.at >= from && point.at <= to).map((point) => dayOf(point.at, zoneMin)))].sort((a, b) => a - b)
  if (days.length === 0) return []
  const edges = [dayOf(from, zoneMin) - 1, ...days, dayOf(to, zoneMin)]
  return edges.slice(1).flatMap((day, index) => {
    const before = edges[index] ?? day
    const lastEdge = index === edges.length - 2
    return day - before > limit ? [{ from: startOf(before + 1, zoneMin), to: lastEdge ? to : startOf(day, zoneMin) }] : []
  })
}

/** Points in groups that may be joined by a line. */
export function runsOf(points: readonly Point[], limit: number, zoneMin: number): Point[][] {
  const runs: Point[][] = []
  for (const point of points) {
    const run = runs.at(-1)
    const before = run?.at(-1)
    const joined = before !== undefined && dayOf(point.at, zoneMin) - dayOf(before.at, zoneMin) <= limit
    if (run && joined) run.push(point)
    else runs.push([point])
  }
  return runs
}

/** The range of an axis: every value, the usual range and the thresholds, with room at both ends. */
export function axisRange(series: readonly Series[]): [number, number] {
  const values = series.flatMap((each) => [
    ...each.points.map((point) => point.value),
    ...(each.usual ? [each.usual.low, each.usual.high] : []),
    ...[each.low, each.high].flatMap((limit) => (limit === null ? [] : [Number(limit)])),
  ]).filter(Number.isFinite)
  if (values.length === 0) return [0, 1]
  const low = Math.min(...values)
  const high = Math.max(...values)
  const room = Math.max((high - low) * 0.14, Math.abs(high) * 0.005, 0.2)
  return [low - room, high + room]
}

/** Two to four round numbers inside the range. */
export function ticksOf([low, high]: readonly [number, number], most: number): number[] {
  const rough = (high - low) / most
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((times) => times * power).find((each) => each >= rough) ?? 10 * power
  const first = Math.ceil(low / step)
  return Array.from({ length: Math.max(Math.floor(high / step) - first + 1, 0) }, (_, index) => Number(((first + index) * step).toFixed(6)))
}

/** Instants of the time axis: days when few, else every week or month begins. */
export function dayTicks(from: Ms, to: Ms, zoneMin: number, most: number): Ms[] {
  const first = dayOf(from, zoneMin)
  const days = dayOf(to, zoneMin) - first
  const step = [1, 2, 7, 14, 30, 61, 91].find((each) => days / each <= most) ?? 182
  return Array.from({ length: Math.floor(days / step) + 1 }, (_, index) => startOf(first + index * step, zoneMin)).filter((at) => at >= from)
}

/** The point nearest in time, for the line one moves with a finger. */
export function nearest(points: readonly Point[], at: Ms, within: Ms): Point | null {
  const [best] = points.filter((point) => Math.abs(point.at - at) <= within).sort((a, b) => Math.abs(a.at - at) - Math.abs(b.at - at))
  return best ?? null
}

/** Change against the value nearest to seven days before the last one; null without one within two days of it. */
export function weekChange(points: readonly Point[]): number | null {
  const last = points.at(-1)
  if (!last) return null
  const before = nearest(points, last.at - 7 * DAY_MS, 2 * DAY_MS)
  return before && before !== last ? Math.round((last.value - before.value) * 10) / 10 : null
}

function dayOf(at: Ms, zoneMin: number): number {
  return Math.floor((at + zoneMin * 60_000) / DAY_MS)
}

function startOf(day: number, zoneMin: number): Ms {
  return day * DAY_MS - zoneMin * 60_000
}
