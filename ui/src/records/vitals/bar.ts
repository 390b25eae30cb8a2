/** The small bar beside a value: usual range as a box, last value as a tick, present value as a dot. Geometry only. */

export interface Bar {
  box: { x: number; width: number }
  tick: number | null
  dot: number | null
}

const EDGE = 8

/** Places on a line of `width`; the box is the middle third unless values lie farther out, which widens the scale. */
export function bar(usual: { low: number; high: number }, last: number | null, now: number | null, width: number): Bar {
  const span = Math.max(usual.high - usual.low, Math.abs(usual.high) * 0.01, 0.1)
  const values = [last, now].filter((value): value is number => value !== null && Number.isFinite(value))
  const low = Math.min(usual.low - span, ...values.map((value) => Math.max(value, usual.low - span * 3)))
  const high = Math.max(usual.high + span, ...values.map((value) => Math.min(value, usual.high + span * 3)))
  const place = (value: number) => {
    const share = (Math.min(Math.max(value, low), high) - low) / (high - low)
    return Math.round((EDGE + share * (width - 2 * EDGE)) * 10) / 10
  }
  const x = place(usual.low)
  return {
    box: { x, width: Math.max(place(usual.high) - x, 4) },
    tick: last === null ? null : place(last),
    dot: now === null || !Number.isFinite(now) ? null : place(now),
  }
}
