import i18next from 'i18next'
import { beforeAll, describe, expect, it } from 'vitest'
import type { TimelineEntry } from '../api/generated'
import { lineOf } from './line'

beforeAll(async () => { await i18next.init({ lng: 'ja', resources: {} }) })

const entry = (kind: string, body: unknown, title = '') => ({ kind, body, title }) as TimelineEntry
const item = (key: string, value: string, attributes = {}) => ({ key, value, attributes, source: 'manual' })

describe('one line about an entry', () => {
  it('has the values of vitals, at most four, and says when there are more', () => {
    const four = [item('temp', '36.8'), item('bp.sys', '128'), item('bp.dia', '76'), item('pulse', '84'), item('spo2', '95', { gas: 'room-air' })]
    expect(lineOf(entry('vitals', { items: four, notMeasured: [], remark: '' }), i18next)).toBe('体温 36.8　血圧 128/76　脈拍 84　SpO₂ 95（室内気）')
    expect(lineOf(entry('vitals', { items: [...four, item('weight', '50.2')], notMeasured: [], remark: '' }), i18next)).toMatch(/（室内気）　…$/)
  })
  it('has place and remark of a photo', () => {
    const blob = { id: 'a', key: 'b', sha256: 'c', size: 1, mediaType: 'image/jpeg' }
    expect(lineOf(entry('photo', { blob, thumb: blob, width: 4, height: 3, caption: '周囲に発赤', bodySite: 'sacrum', scaleInView: false }), i18next)).toMatch(/仙骨.*周囲に発赤/)
  })
  it('is what its author wrote for everything else', () => {
    expect(lineOf(entry('note', { s: '', o: '変わりない', a: '', p: '' }, '変わりない'), i18next)).toBe('変わりない')
    expect(lineOf(entry('order', null, '内服を続ける'), i18next)).toBe('内服を続ける')
  })
})
