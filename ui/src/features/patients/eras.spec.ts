import { describe, expect, it } from 'vitest'
import { birthText } from './eras'

const at = (era: 'seireki' | 'r' | 'h' | 's' | 't' | 'm', year: string, month = '', day = '') => birthText({ era, year, month, day }, 2026)

describe('a birth date as people say it', () => {
  it('turns eras into years', () => {
    expect(at('s', '17', '3', '14')).toBe('1942-03-14')
    expect(at('t', '15', '12', '24')).toBe('1926-12-24')
    expect(at('r', '元', '5', '1')).toBe('2019-05-01')
  })
  it('takes full-width digits and keeps what is unknown unknown', () => {
    expect(at('seireki', '１９４０', '１１')).toBe('1940-11')
    expect(at('s', '19')).toBe('1944')
    expect(at('s', '')).toBe('')
  })
  it('refuses dates that never were', () => {
    expect(at('seireki', '1943', '2', '29')).toBeNull()
    expect(at('s', '64', '1', '8')).toBeNull()
    expect(at('h', '1', '1', '7')).toBeNull()
    expect(at('s', '65')).toBeNull()
    expect(at('seireki', '2027')).toBeNull()
    expect(at('s', '17', '', '14')).toBeNull()
    expect(at('t', 'x')).toBeNull()
  })
})
