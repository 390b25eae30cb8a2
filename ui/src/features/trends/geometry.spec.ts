import { describe, expect, it } from 'vitest'
import type { Series } from '../../api/generated'
import { axisRange, dayTicks, gapAfter, gapsOf, nearest, runsOf, ticksOf, weekChange } from './geometry'

const at = (iso: string) => Date.parse(`${iso}+09:00`)
const point = (iso: string, value: number, family = false) => ({ at: at(iso), value, text: String(value), family, entryId: iso })
const series = (points: ReturnType<typeof point>[], more: Partial<Series> = {}): Series => ({ key: 'weight', unit: 'kg', points, usual: null, low: null, high: null, ...more })
const days = (from: number, to: number, month = '11') => Array.from({ length: to - from + 1 }, (_, i) => point(`2026-${month}-${String(from + i).padStart(2, '0')}T08:00:00`, 55 + i * 0.1))

describe('graph', () => {
  const daily = [...days(1, 4), ...days(12, 20)]
  it('never draws a line across a gap', () => {
    const gaps = gapsOf([series(daily)], at('2026-11-01T00:00:00'), at('2026-11-20T12:00:00'), 540)
    expect(gaps).toEqual([{ from: at('2026-11-05T00:00:00'), to: at('2026-11-12T00:00:00') }])
    const runs = runsOf(daily, gapAfter(daily, 540), 540)
    expect(runs.map((run) => run.length)).toEqual([4, 9])
  })
  it('breaks one measure where only it was not taken, without naming a gap', () => {
    const weight = [...days(1, 3), ...days(10, 12)]
    const gaps = gapsOf([series(weight), series(days(1, 12))], at('2026-11-01T00:00:00'), at('2026-11-12T23:00:00'), 540)
    expect(gaps).toEqual([])
    expect(runsOf(weight, gapAfter(days(1, 12), 540), 540).length).toBe(2)
  })
  it('does not call the days between weekly visits a gap', () => {
    const weekly = ['2026-10-06', '2026-10-13', '2026-10-20', '2026-10-27'].map((day) => point(`${day}T10:00:00`, 1))
    expect(gapsOf([series(weekly)], at('2026-10-06T00:00:00'), at('2026-10-28T00:00:00'), 540)).toEqual([])
    expect(runsOf(weekly, gapAfter(weekly, 540), 540).length).toBe(1)
  })
  it('names days without records at both ends', () => {
    const gaps = gapsOf([series(days(10, 14))], at('2026-11-01T00:00:00'), at('2026-11-24T10:00:00'), 540)
    expect(gaps).toEqual([{ from: at('2026-11-01T00:00:00'), to: at('2026-11-10T00:00:00') }, { from: at('2026-11-15T00:00:00'), to: at('2026-11-24T10:00:00') }])
    expect(gapsOf([series([])], 0, 1, 540)).toEqual([])
  })
  it('keeps thresholds and the usual range in view', () => {
    const [low, high] = axisRange([series(days(1, 3), { high: '58.0', usual: { low: 54, high: 55, median: 54.5 } })])
    expect(low).toBeLessThan(54)
    expect(high).toBeGreaterThan(58)
    expect(axisRange([series([])])).toEqual([0, 1])
  })
  it('has round numbers on the axis', () => {
    expect(ticksOf([53.6, 58.4], 3)).toEqual([54, 56, 58])
    expect(ticksOf([35.8, 38.2], 3)).toEqual([36, 37, 38])
    expect(dayTicks(at('2026-10-26T00:00:00'), at('2026-11-24T10:00:00'), 540, 6).map((t) => new Date(t + 540 * 60_000).getUTCDate())).toEqual([26, 2, 9, 16, 23])
  })
  it('finds the value under a finger and the change of a week', () => {
    const points = days(1, 20)
    expect(nearest(points, at('2026-11-03T11:00:00'), 86_400_000)?.value).toBeCloseTo(55.2)
    expect(nearest(points, at('2026-12-24T11:00:00'), 86_400_000)).toBeNull()
    expect(weekChange(points)).toBe(0.7)
    expect(weekChange(points.slice(0, 2))).toBeNull()
  })
})
