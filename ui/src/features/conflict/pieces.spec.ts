import { describe, expect, it } from 'vitest'
import { piecesOf } from './pieces'

describe('differing characters', () => {
  it('are found place by place in numbers of the same length', () => {
    expect(piecesOf('090-0000-1122', '090-0000-1172')).toEqual([{ text: '090-0000-11', differs: false }, { text: '2', differs: true }, { text: '2', differs: false }])
  })
  it('are found by what is common when the lengths differ', () => {
    expect(piecesOf('鶴岡市1-2', '鶴岡市1-23').every((piece) => !piece.differs)).toBe(true)
    expect(piecesOf('鶴岡市1-23', '鶴岡市1-2').at(-1)).toEqual({ text: '3', differs: true })
  })
})
