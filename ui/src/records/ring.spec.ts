import { describe, expect, it } from 'vitest'
import { ringPaths } from './ring'

describe('delivery ring', () => {
  it('is whole for none and for all', () => {
    expect(ringPaths(0, 4)).toBeNull()
    expect(ringPaths(4, 0)).toBeNull()
  })
  it('draws three quarters as the mock does', () => {
    const paths = ringPaths(3, 1)
    expect(paths?.has).toBe('M20.0 5.0A15 15 0 1 1 5.0 20.0')
    expect(paths?.not.startsWith('M5.9 ')).toBe(true)
  })
  it('takes the short way below half', () => {
    expect(ringPaths(1, 3)?.has).toBe('M20.0 5.0A15 15 0 0 1 35.0 20.0')
  })
})
