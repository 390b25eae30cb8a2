import { describe, expect, it } from 'vitest'
import { differing } from './differ'

const marked = (name: string, other: string) => differing(name, other).map(({ text, differs }) => (differs ? `[${text}]` : text)).join('')

describe('characters that differ', () => {
  it('marks the one kanji', () => {
    expect(marked('佐藤 花子', '佐藤 華子')).toBe('佐藤 [花]子')
    expect(marked('佐藤 華子', '佐藤 花子')).toBe('佐藤 [華]子')
  })
  it('marks what one has more, nothing when equal, everything when nothing is shared', () => {
    expect(marked('阿部 トミ子', '阿部 トミ')).toBe('阿部 トミ[子]')
    expect(marked('本間 茂', '本間 茂')).toBe('本間 茂')
    expect(marked('清', '茂')).toBe('[清]')
  })
  it('keeps surrogate pairs whole', () => {
    expect(marked('𠮷田 一', '吉田 一')).toBe('[𠮷]田 一')
  })
})
