import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { Frames } from './Frames'

afterEach(cleanup)
vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => 'blob:x', revokeObjectURL: () => undefined }))

it('leaves the page room when the camera answers at once, and stops when it goes', async () => {
  let asked = 0
  // The camera ends by itself after many pictures: without a pause they would all be asked for before the first timer.
  const frame = () => { asked += 1; return asked > 500 ? Promise.reject(new Error('too many')) : Promise.resolve(new Blob()) }
  const onFailed = vi.fn()
  const { unmount } = render(<Frames camera={{ frame }} label="live" onFailed={onFailed} />)
  await new Promise((later) => setTimeout(later, 100))
  expect(onFailed).not.toHaveBeenCalled()
  expect(asked).toBeGreaterThan(1)
  expect(asked).toBeLessThan(10)
  expect(screen.getByAltText('live')).toBeTruthy()
  unmount()
  const then = asked
  await new Promise((later) => setTimeout(later, 80))
  expect(asked).toBe(then)
})
