import { describe, expect, it } from 'vitest'
import { EMPTY, isEmptyVitals, parseVitals, skippedBecause, tidyVitals, valueOf, withAttribute, withGas, withNotMeasured, withValue } from './values'

describe('body of vitals', () => {
  it('keeps digits as typed and drops half-typed points when sent', () => {
    const body = withValue(withValue(EMPTY, 'temp', '36.'), 'weight', '57.50')
    expect(tidyVitals(body).items.map((item) => item.value)).toEqual(['36', '57.50'])
  })
  it('is empty again after erasing', () => {
    expect(isEmptyVitals(withValue(withValue(EMPTY, 'temp', '3'), 'temp', ''))).toBe(true)
  })
  it('says why something was not measured, never both', () => {
    const typed = withValue(withValue(EMPTY, 'bp.sys', '138'), 'bp.dia', '76')
    const skipped = withNotMeasured(typed, ['bp.sys', 'bp.dia'], 'refused')
    expect(skipped.items).toEqual([])
    expect(skippedBecause(skipped, ['bp.sys'])).toBe('refused')
    expect(skippedBecause(withValue(skipped, 'bp.sys', '1'), ['bp.sys'])).toBeNull()
    expect(withNotMeasured(skipped, ['bp.sys', 'bp.dia'], null).notMeasured).toEqual([])
  })
  it('has no flow in room air', () => {
    const oxygen = withGas(withValue(EMPTY, 'spo2', '91'), 'oxygen', '1.0')
    expect(valueOf(oxygen, 'o2.flow')).toBe('1.0')
    const air = withGas(oxygen, 'room-air', '')
    expect(valueOf(air, 'o2.flow')).toBe('')
    expect(air.items[0]?.attributes).toEqual({ gas: 'room-air' })
  })
  it('keeps the gas chosen before the value, but sends no gas alone', () => {
    const body = withAttribute(EMPTY, 'spo2', 'gas', 'room-air')
    expect(tidyVitals(body).items).toEqual([])
    expect(withValue(body, 'spo2', '96').items[0]?.attributes.gas).toBe('room-air')
  })
  it('reads what it wrote and refuses other shapes', () => {
    const body = withNotMeasured(withValue(EMPTY, 'temp', '36.8'), ['glucose'], 'no-device')
    expect(parseVitals(JSON.parse(JSON.stringify(body)))).toEqual(body)
    expect(parseVitals(null)).toBeNull()
    expect(parseVitals({ s: 'x' })).toBeNull()
  })
})
