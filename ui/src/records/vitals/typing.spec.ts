import { describe, expect, it } from 'vitest'
import { enter, normaliseNumber, press, tidy, type Key } from './typing'

const temp = { key: 'temp', whole: 3, decimals: 1 }
const sys = { key: 'bp.sys', whole: 3, decimals: 0 }
const type = (keys: string, part = temp) =>
  [...keys].reduce((state, key) => press(state.text, key as Key, part), { text: '', full: false })

describe('keypad', () => {
  it('takes a temperature and says when it is full', () => {
    expect(type('36.')).toEqual({ text: '36.', full: false })
    expect(type('36.8')).toEqual({ text: '36.8', full: true })
    expect(type('36.89').text).toBe('36.8')
  })
  it('lets a slip stand so that it can be asked about, and places no point by itself', () => {
    expect(type('365')).toEqual({ text: '365', full: false })
    expect(type('3655').text).toBe('365')
  })
  it('refuses a point where there is none', () => {
    expect(type('13.8', sys)).toEqual({ text: '138', full: true })
    expect(type('.5').text).toBe('5')
    expect(type('3..6').text).toBe('3.6')
  })
  it('erases one figure at a time', () => {
    expect(press('36.8', 'erase', temp)).toEqual({ text: '36.', full: false })
    expect(press('', 'erase', temp).text).toBe('')
  })
  it('never calls a weight full, since one or two places are both usual', () => {
    expect(type('57.6', { key: 'weight', whole: 3, decimals: 2 }).full).toBe(false)
  })
  it('accepts full-width figures and commas', () => {
    expect(enter('３６．５', temp)).toBe('36.5')
    expect(enter('36,5', temp)).toBe('36.5')
    expect(normaliseNumber('1,200')).toBe('1200')
    expect(enter('abc', temp)).toBeNull()
    expect(enter('36.55', temp)).toBeNull()
  })
  it('keeps trailing zeros and drops a lonely point', () => {
    expect(tidy('36.50')).toBe('36.50')
    expect(tidy('36.')).toBe('36')
  })
})
