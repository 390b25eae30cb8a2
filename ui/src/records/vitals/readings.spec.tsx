import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { VitalsBody } from '../bodies'
import { startLanguage } from '../../i18n/i18n'
import { VitalsSummary } from './Summary'
import { readingsOf, withValue } from './values'

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
