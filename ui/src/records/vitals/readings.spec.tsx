import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { VitalsBody } from '../bodies'
import { startLanguage } from '../../i18n/i18n'
import { VitalsSummary } from './Summary'
import { canRepeat, changeReading, readingAt, readingsOf, tidyVitals, valueOf, withSecond, withValue } from './values'

beforeAll(() => { startLanguage('ja') })
afterEach(cleanup)

const item = (key: string, value: string, attributes: Record<string, string> = {}) => ({ key, value, attributes, source: 'manual' as const })
const body = (...items: VitalsBody['items']): VitalsBody => ({ items, notMeasured: [], remark: '' })
const arms = body(item('bp.sys', '138', { side: 'right' }), item('bp.dia', '76', { side: 'right' }), item('bp.sys', '152', { side: 'left' }), item('bp.dia', '84', { side: 'left' }))

describe('several values of one item', () => {
  it('are told apart by their attributes; a single pair belongs together without them', () => {
    expect(readingsOf(arms, ['bp.sys', 'bp.dia'])).toHaveLength(2)
    expect(readingsOf(body(item('bp.sys', '138', { side: 'right' }), item('bp.dia', '76')), ['bp.sys', 'bp.dia'])).toHaveLength(1)
    expect(readingsOf(body(), ['edema'])).toEqual([])
  })
  it('are all read in the chart', () => {
    const { container } = render(<VitalsSummary entryId="e" body={body(...arms.items, item('edema', '++', { side: 'right' }), item('edema', '+', { side: 'left' }), item('temp', '36.8'))} />)
    const texts = [...container.querySelectorAll('dd')].map((each) => each.textContent)
    expect(texts).toEqual(['36.8℃', '138/76mmHg　右', '152/84mmHg　左', '＋＋右', '＋左'])
  })
  it('shows what a correction replaced among several', () => {
    const now = body(...arms.items.map((each) => (each.value === '152' ? { ...each, value: '150' } : each)))
    const { container } = render(<VitalsSummary entryId="e" body={now} before={arms} />)
    expect(container.querySelector('del')?.textContent).toBe('138/76（右）、152/84（左）')
  })
  it('keeps the others when one is taken away', () => {
    const two = body(item('edema', '++'), item('edema', '+', { side: 'left' }))
    expect(withValue(two, 'edema', '').items).toEqual([item('edema', '+', { side: 'left' })])
  })
  it('reads a word without a unit', () => {
    render(<VitalsSummary entryId="e" body={body(item('glucose', 'HI'), item('sleep', 'poor'))} />)
    expect(screen.getByText('HI（測れる上限超）').closest('dd')?.textContent).toBe('HI（測れる上限超）')
    expect(screen.getByText('眠れなかった')).toBeTruthy()
  })
})

const BP = ['bp.sys', 'bp.dia']

describe('a second measurement', () => {
  const single = body(item('temp', '36.8'), item('bp.sys', '158', { side: 'right' }), item('bp.dia', '92'))
  it('is begun beside a complete first one, told apart by its turn; both halves carry the same attributes', () => {
    expect(canRepeat(body(item('bp.sys', '158')), BP, 'times')).toBe(false)
    expect(canRepeat(single, BP, 'times')).toBe(true)
    const two = withSecond(single, BP, 'times')
    expect(canRepeat(two, BP, 'times')).toBe(false)
    expect(readingsOf(two, BP).map((each) => each.items.filter(({ key }) => key !== 'temp'))).toEqual([
      [item('bp.sys', '158', { side: 'right', times: '1' }), item('bp.dia', '92', { side: 'right', times: '1' })],
      [item('bp.sys', '', { side: 'right', times: '2' }), item('bp.dia', '', { side: 'right', times: '2' })],
    ])
  })
  it('is written without touching the first', () => {
    const typed = BP.reduce((all, key) => changeReading(all, BP, 1, (one) => withValue(one, key, key === 'bp.sys' ? '146' : '84')), withSecond(single, BP, 'times'))
    const values = (nth: number) => BP.map((key) => valueOf(readingAt(typed, BP, nth), key))
    expect([values(0), values(1)]).toEqual([['158', '92'], ['146', '84']])
    expect(tidyVitals(typed).items).toHaveLength(5)
    expect(valueOf(typed, 'temp')).toBe('36.8')
  })
  it('leaves nothing behind when it stays empty', () => {
    expect(tidyVitals(withSecond(single, BP, 'times')).items).toEqual([item('temp', '36.8'), item('bp.sys', '158', { side: 'right' }), item('bp.dia', '92', { side: 'right' })])
  })
  it('is of the other side where sides differ, once the first says its own', () => {
    expect(canRepeat(body(item('edema', '++')), ['edema'], 'side')).toBe(false)
    expect(canRepeat(body(item('edema', '++', { side: 'both' })), ['edema'], 'side')).toBe(false)
    const right = body(item('edema', '++', { side: 'right' }))
    expect(canRepeat(right, ['edema'], 'side')).toBe(true)
    expect(withSecond(right, ['edema'], 'side').items).toEqual([item('edema', '++', { side: 'right' }), item('edema', '', { side: 'left' })])
  })
})
