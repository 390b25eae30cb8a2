import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Saver } from './saver'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function saver(answer: (kind: string, id: string | null, body: unknown) => Promise<void> = () => Promise.resolve()) {
  const calls: [string, string | null, unknown][] = []
  const failed: unknown[] = []
  const made = new Saver({
    save: async (kind, id, body) => { calls.push([kind, id, body]); await answer(kind, id, body); return { id: id ?? `${kind}-1`, findings: [] } },
    onSaved: () => undefined,
    onFailed: (_, thrown) => failed.push(thrown),
    waitMs: 300,
  })
  return { made, calls, failed }
}

describe('drafts', () => {
  it('saves the newest body after a moment, and keeps the draft it made', async () => {
    const { made, calls } = saver()
    made.put('note', 1)
    made.put('note', 2)
    await vi.advanceTimersByTimeAsync(299)
    expect(calls).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    made.put('note', 3)
    await made.flush()
    expect(calls).toEqual([['note', null, 2], ['note', 'note-1', 3]])
    expect(made.busy).toBe(false)
  })
  it('never has two saves of one draft on the way, so no second draft is made', async () => {
    let release = () => undefined as void
    const { made, calls } = saver(() => new Promise((resolve) => { release = resolve }))
    made.put('note', 1)
    await vi.advanceTimersByTimeAsync(300)
    made.put('note', 2)
    const done = made.flush()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(calls.length).toBe(1)
    release()
    await vi.advanceTimersByTimeAsync(0)
    release()
    await done
    expect(calls[1]).toEqual(['note', 'note-1', 2])
  })
  it('keeps what could not be saved and tries again with the next flush', async () => {
    let full = true
    const { made, calls, failed } = saver(() => (full ? Promise.reject(new Error('storage_full')) : Promise.resolve()))
    made.put('vitals', 1)
    await made.flush()
    expect(failed.length).toBe(1)
    expect(made.busy).toBe(true)
    full = false
    await made.flush()
    expect(calls.length).toBe(2)
    expect(made.busy).toBe(false)
  })
  it('goes on with a draft that was there', async () => {
    const { made, calls } = saver()
    made.adopt('photo', 'old')
    made.put('photo', 1)
    await made.flush()
    expect(calls).toEqual([['photo', 'old', 1]])
  })
})
