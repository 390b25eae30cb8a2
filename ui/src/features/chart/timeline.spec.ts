import { describe, expect, it } from 'vitest'
import type { TimelineEntry } from '../../api/generated'
import { isLate, joinPages, myLastVisit, newestAt, newsOf, rowsOf } from './timeline'

const jst = (iso: string) => ({ ms: Date.parse(`${iso}+09:00`), zoneMin: 540 })
const now = jst('2026-11-24T10:20:00')

function entry(id: string, iso: string, more: Partial<TimelineEntry> = {}): TimelineEntry {
  const at = jst(iso)
  return {
    id, patientId: 'p', spaceId: 's', kind: 'note', at, writtenAt: at, receivedAt: at.ms + 1_000,
    author: { staffId: 'a', name: '佐伯 亮一', profession: 'physician', facilityId: 'f', facility: 'しおかぜ内科', isMe: false },
    onBehalfOf: null, status: 'confirmed', visitId: null, title: '', body: {}, unknownKind: false, isNew: false,
    delivery: { state: 'everyone', have: [], lack: [] }, amends: null, amendedBy: null, reason: null, ...more,
  }
}
const me = { staffId: 'm', name: '小野寺 遥', profession: 'nurse', facilityId: 'g', facility: 'なぎさ訪問看護', isMe: true }

describe('timeline', () => {
  it('has a page per day, with its first and last entry known', () => {
    const rows = rowsOf([entry('3', '2026-11-24T08:20:00'), entry('2', '2026-11-24T07:40:00'), entry('1', '2026-11-23T23:59:00')], now)
    expect(rows.map((row) => row.type)).toEqual(['day', 'entry', 'entry', 'day', 'entry'])
    expect(rows.flatMap((row) => (row.type === 'entry' ? [[row.first, row.last]] : []))).toEqual([[true, false], [false, true], [true, true]])
  })
  it('marks my last visit above that day, and not what I wrote today', () => {
    const entries = [entry('3', '2026-11-24T08:20:00', { author: me }), entry('2', '2026-11-20T10:35:00', { author: me }), entry('1', '2026-11-13T10:35:00', { author: me })]
    expect(myLastVisit(entries, now)).toEqual(jst('2026-11-20T10:35:00'))
    expect(rowsOf(entries, now).map((row) => row.type)).toEqual(['day', 'entry', 'mark', 'day', 'entry', 'day', 'entry'])
  })
  it('calls late what the core does: not everything that is old when it arrives', () => {
    const at = jst('2026-11-19T16:40:00')
    expect(isLate(entry('1', '2026-11-19T16:40:00', { arrivedLate: true }))).toBe(true)
    expect(isLate(entry('1', '2026-11-19T16:40:00', { receivedAt: at.ms + 4 * 86_400_000 }))).toBe(false)
    expect(isLate(entry('1', '2026-11-19T16:40:00'))).toBe(false)
    expect(isLate(entry('1', '2026-11-19T16:40:00', { status: 'late' }))).toBe(true)
  })
  it('gathers news by kind, late ones apart, mine never', () => {
    const late = entry('l', '2026-11-19T16:40:00', { isNew: true, arrivedLate: true })
    const news = newsOf([entry('1', '2026-11-24T08:00:00', { isNew: true, kind: 'vitals' }), entry('2', '2026-11-23T08:00:00', { isNew: true }), entry('3', '2026-11-23T08:00:00', { isNew: true, author: me }), entry('4', '2026-11-22T08:00:00', { isNew: true, kind: 'vitals' }), late])
    expect(news.map((line) => [line.kind, line.entries.length])).toEqual([['vitals', 2], ['note', 1], ['late', 1]])
    expect(newestAt([entry('1', '2026-11-24T08:00:00'), late])).toBe(jst('2026-11-24T08:00:00').ms)
  })
  it('shows no entry twice when a page overlaps', () => {
    expect(joinPages([{ entries: [entry('1', '2026-11-24T08:00:00'), entry('2', '2026-11-23T08:00:00')] }, { entries: [entry('2', '2026-11-23T08:00:00'), entry('3', '2026-11-22T08:00:00')] }]).map((e) => e.id)).toEqual(['1', '2', '3'])
  })
})
