import i18next from 'i18next'
import { beforeAll, describe, expect, it } from 'vitest'
import { sayWith } from '../../records/useWords'
import { fieldWord, valueText, type ConflictSay } from './valueText'
import { conflictWords } from './words'

let say: ConflictSay
beforeAll(async () => {
  await i18next.init({ lng: 'ja', resources: {} })
  say = sayWith(i18next, conflictWords)
})

describe('two values', () => {
  it('reads names, limits, codes and plain text', () => {
    expect(valueText('name', { family: '佐藤', given: '花子' }, say)).toBe('佐藤 花子')
    expect(valueText('limit', { low: '90', high: null, reason: '佐伯医師' }, say)).toBe('90 未満　佐伯医師')
    expect(valueText('limit', { low: null, high: '58.0', reason: '心不全' }, say, 'kg')).toBe('58.0\u00a0kg 超　心不全')
    expect(valueText('sex', 'female', say)).toBe('女')
    expect(valueText('phone', '090-0000-1122', say)).toBe('090-0000-1122')
  })
  it('says when one of them is empty', () => {
    expect(valueText('phone', '', say)).toBe('（空らん）')
    expect(valueText('phone', null, say)).toBe('（空らん）')
  })
  it('has a word for every field, even one it does not know', () => {
    expect(fieldWord('phone', say)).toBe('電話番号')
    expect(fieldWord('localId/shiokaze', say)).toBe('施設の患者番号')
    expect(fieldWord('shoe', say)).toBe('shoe')
  })
})
