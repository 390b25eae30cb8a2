import { describe, expect, it } from 'vitest'
import { moved, WHOLE, zoomed } from './zoom'

const frame = { width: 400, height: 300 }

describe('zoom', () => {
  it('keeps the point under the finger where it is', () => {
    const view = zoomed(WHOLE, 2, { x: 50, y: -30 }, frame)
    expect(view).toEqual({ scale: 2, x: -50, y: 30 })
    expect((50 - view.x) / view.scale).toBe(50)
  })
  it('never shows less than the whole nor loses the picture', () => {
    expect(zoomed(WHOLE, 0.1, { x: 0, y: 0 }, frame)).toEqual(WHOLE)
    expect(zoomed(WHOLE, 100, { x: 0, y: 0 }, frame).scale).toBe(8)
    expect(moved(WHOLE, 90, 90, frame)).toEqual(WHOLE)
    expect(moved({ scale: 2, x: 0, y: 0 }, 999, -999, frame)).toEqual({ scale: 2, x: 200, y: -150 })
  })
})
