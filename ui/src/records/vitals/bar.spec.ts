import { describe, expect, it } from 'vitest'
import { bar } from './bar'

describe('usual range bar', () => {
  it('puts the box in the middle and values in order', () => {
    const b = bar({ low: 93, high: 96 }, 94, 91, 150)
    expect(b.dot).toBeLessThan(b.box.x)
    expect(b.tick).toBeGreaterThan(b.box.x)
    expect(b.tick).toBeLessThan(b.box.x + b.box.width)
  })
  it('never leaves the line, however far the value', () => {
    const b = bar({ low: 36.3, high: 36.9 }, null, 45, 150)
    expect(b.dot).toBeLessThanOrEqual(142)
    expect(bar({ low: 36.3, high: 36.9 }, null, 25, 150).dot).toBeGreaterThanOrEqual(8)
    expect(b.tick).toBeNull()
  })
  it('draws a range of one value', () => {
    expect(bar({ low: 18, high: 18 }, 18, null, 150).box.width).toBeGreaterThanOrEqual(4)
  })
})
