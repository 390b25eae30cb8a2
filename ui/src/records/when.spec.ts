import { describe, expect, it } from 'vitest'
import { ageAt, birthDay, clock, dayNumber, headingDay, isToday, listDay, shortDay, stamp } from './when'

const jst = (iso: string) => ({ ms: Date.parse(`${iso}+09:00`), zoneMin: 540 })
const ja = { lang: 'ja', era: false } as const
const jaEra = { lang: 'ja', era: true } as const
const en = { lang: 'en', era: false } as const
const enEra = { lang: 'en', era: true } as const
const now = jst('2026-11-24T10:20:00')

describe('dates in words', () => {
  it('has no leading zero in hours and the weekday in both languages', () => {
    expect(clock(jst('2026-11-24T08:05:00'))).toBe('8:05')
    expect(listDay(jst('2026-11-24T08:05:00'), ja, now)).toBe('11/24（火）')
    expect(listDay(jst('2026-11-24T08:05:00'), en, now)).toBe('Tue 24 Nov')
    expect(headingDay(jst('2026-11-24T08:05:00'), ja, now)).toBe('11月24日（火）')
  })
  it('names the year only when it is not this one', () => {
    expect(headingDay(jst('2025-01-02T08:05:00'), ja, now)).toBe('2025年1月2日（木）')
    expect(stamp(jst('2025-01-02T08:05:00'), en, now)).toBe('2 Jan 2025 8:05')
    expect(stamp(jst('2026-11-24T00:05:00'), ja, now)).toBe('0:05')
  })
  it('counts a day in the zone it was written in', () => {
    expect(dayNumber(jst('2026-11-24T00:00:00'))).toBe(dayNumber(jst('2026-11-24T23:59:00')))
    expect(isToday(jst('2026-11-23T23:59:00'), now)).toBe(false)
  })
  it('writes 和暦 beside the birth date', () => {
    expect(birthDay('1942-03-14', ja)).toBe('1942（昭和17）年3月14日')
    expect(birthDay('2019-05-01', ja)).toBe('2019（令和元）年5月1日')
    expect(birthDay('2019-04-30', ja)).toBe('2019（平成31）年4月30日')
    expect(birthDay('1926-12-24', ja)).toBe('1926（大正15）年12月24日')
    expect(birthDay('1942-03', en)).toBe('Mar 1942 (Showa 17)')
    expect(birthDay('', ja)).toBe('')
  })
  it('puts the era first where it was chosen, with the days on which eras change', () => {
    expect(birthDay('1942-03-14', jaEra)).toBe('昭和17（1942）年3月14日')
    expect(birthDay('1989-01-07', jaEra)).toBe('昭和64（1989）年1月7日')
    expect(birthDay('1989-01-08', jaEra)).toBe('平成元（1989）年1月8日')
    expect(birthDay('2019-04-30', jaEra)).toBe('平成31（2019）年4月30日')
    expect(birthDay('2019-05-01', jaEra)).toBe('令和元（2019）年5月1日')
    expect(birthDay('1868-01-01', jaEra)).toBe('1868年1月1日')
    expect(birthDay('1942', enEra)).toBe('Showa 17 (1942)')
  })
  it('writes other years as chosen, and none for this year', () => {
    const old = jst('2025-11-24T08:05:00')
    expect(headingDay(old, jaEra, now)).toBe('令和7年11月24日（月）')
    expect(headingDay(old, ja, now)).toBe('2025年11月24日（月）')
    expect(listDay(old, jaEra, now)).toBe('令和7年11月24日（月）')
    expect(listDay(old, ja, now)).toBe('2025/11/24（月）')
    expect(stamp(old, jaEra, now)).toBe('令和7年11月24日 8:05')
    expect(stamp(old, enEra, now)).toBe('24 Nov Reiwa 7 8:05')
    expect(shortDay(jst('1989-01-07T23:59:00'), jaEra, now)).toBe('昭和64年1月7日')
    expect(shortDay(jst('1989-01-08T00:00:00'), jaEra, now)).toBe('平成元年1月8日')
    expect(shortDay(jst('2019-04-30T23:59:00'), jaEra, now)).toBe('平成31年4月30日')
    expect(shortDay(jst('2019-05-01T00:00:00'), jaEra, now)).toBe('令和元年5月1日')
    expect(listDay(jst('2026-11-24T08:05:00'), jaEra, now)).toBe('11/24（火）')
  })
  it('knows the age on the day before the birthday', () => {
    expect(ageAt('1942-11-25', now)).toBe(83)
    expect(ageAt('1942-11-24', now)).toBe(84)
    expect(ageAt('', now)).toBeNull()
  })
})
