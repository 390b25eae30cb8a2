import { describe, expect, it } from 'vitest'
import type { Finding } from '../../api/generated'
import { answerKey, openFindings, stillTrue } from './answers'

const low = (value: string): Finding => ({ severity: 'ask', code: 'unusual_for_patient', field: 'spo2', params: { value, low: '93', high: '96' } })
const bad: Finding = { severity: 'refuse', code: 'out_of_range', field: 'temp', params: { low: '25.0', high: '45.0', suggestion: '36.5' } }

describe('answers', () => {
  it('hold for the numbers they were given for', () => {
    const given = new Set([answerKey('vitals', low('91'))])
    expect(openFindings('vitals', [low('91')], given).asked).toEqual([])
    expect(openFindings('vitals', [low('90')], given).asked).toEqual([low('90')])
  })
  it('are asked anew for a value that was changed, and kept for the others', () => {
    const before = { items: [{ key: 'spo2', value: '91' }, { key: 'temp', value: '36.5' }] }
    const after = { items: [{ key: 'spo2', value: '91', attributes: { gas: 'oxygen' } }, { key: 'temp', value: '36.5' }] }
    expect(stillTrue([low('91'), bad], before, after)).toEqual([bad])
  })
  it('never answer a refusal', () => {
    const given = new Set([answerKey('vitals', bad)])
    expect(openFindings('vitals', [bad], given).refused).toEqual([bad])
  })
})
