import { describe, expect, it } from 'vitest'
import { windowOf } from './window'

describe('window over a long list', () => {
  const heights = Array.from({ length: 4_000 }, (_, index) => (index % 3 === 0 ? 40 : 120))
  const total = heights.reduce((sum, height) => sum + height, 0)
  it('draws few rows of many, and keeps the length of the whole', () => {
    const w = windowOf(heights, 50_000, 800, 600)
    expect(w.to - w.from).toBeLessThan(40)
    const drawn = heights.slice(w.from, w.to).reduce((sum, height) => sum + height, 0)
    expect(w.padTop + drawn + w.padBottom).toBe(total)
    expect(w.padTop).toBeLessThanOrEqual(50_000 - 600)
    expect(w.padTop + drawn).toBeGreaterThanOrEqual(50_000 + 800 + 600)
  })
  it('begins with the first rows and ends with the last', () => {
    expect(windowOf(heights, 0, 800, 600)).toMatchObject({ from: 0, padTop: 0 })
    expect(windowOf(heights, total, 800, 600)).toMatchObject({ to: 4_000, padBottom: 0 })
  })
  it('has nothing to draw of nothing', () => {
    expect(windowOf([], 0, 800, 600)).toEqual({ from: 0, to: 0, padTop: 0, padBottom: 0 })
  })
})
