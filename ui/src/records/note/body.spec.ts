import { describe, expect, it } from 'vitest'
import { copiedForward, EMPTY_NOTE, isCopied, isEmptyNote, parseNote, tidyNote, withPhrase } from './body'

const last = { s: '足が重い。', o: '浮腫 ＋', a: '', p: '体重を毎朝、長女が記録。' }

describe('note', () => {
  it('puts a phrase behind what is there', () => {
    expect(withPhrase(EMPTY_NOTE, 'o', '著変なし').o).toBe('著変なし')
    expect(withPhrase({ ...EMPTY_NOTE, o: '清。' }, 'o', '著変なし').o).toBe('清。著変なし')
    expect(withPhrase({ ...EMPTY_NOTE, o: '浮腫 ＋' }, 'o', '著変なし').o).toBe('浮腫 ＋\n著変なし')
  })
  it('never takes text over in silence', () => {
    const copied = copiedForward(EMPTY_NOTE, 'p', last, 'e1')
    expect(copied).toMatchObject({ p: last.p, copiedFrom: 'e1', copiedParts: ['p'] })
    expect(copiedForward(copied, 's', last, 'e1').copiedParts).toEqual(['s', 'p'])
    expect(copiedForward(copied, 's', last, 'e2').copiedParts).toEqual(['s'])
    expect(tidyNote({ ...copied, p: ' ', s: 'x' })).toEqual({ s: 'x', o: '', a: '', p: '' })
    expect(parseNote({ s: 'x', copiedFrom: 'e1', copiedParts: ['p', 's', 'z'] })?.copiedParts).toEqual(['s', 'p'])
    expect(isCopied(copied, 'p', last, 'e1')).toBe(true)
    expect(isCopied({ ...copied, p: `${last.p}次は木曜。` }, 'p', last, 'e1')).toBe(false)
    expect(isCopied(copied, 's', last, 'e1')).toBe(false)
    expect(tidyNote({ ...copied, p: `${last.p}次は木曜。` }).copiedFrom).toBe('e1')
  })
  it('reads notes and refuses other shapes', () => {
    expect(parseNote({ s: 'a' })).toEqual({ s: 'a', o: '', a: '', p: '' })
    expect(parseNote({ items: [] })).toBeNull()
    expect(isEmptyNote({ ...EMPTY_NOTE, s: ' \n' })).toBe(true)
  })
})
