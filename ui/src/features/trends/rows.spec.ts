import { describe, expect, it } from 'vitest'
import type { Series } from '../../api/generated'
import { rowsOf, tableOf } from './rows'

const series = (key: string, values: [number, string, string][]): Series => ({ key, unit: '', usual: null, low: null, high: null, points: values.map(([at, text, entryId]) => ({ at, value: Number(text), text, family: false, entryId })) })

describe('rows of the graph', () => {
  const all = [series('weight', [[2, '57.50', 'b']]), series('bp.dia', [[1, '76', 'a']]), series('bp.sys', [[1, '138', 'a']]), series('pulse', [])]
  it('puts both pressures in one row and leaves empty measures out', () => {
    expect(rowsOf(all).map((row) => [row.field.id, row.series.map((each) => each.key)])).toEqual([['bp', ['bp.sys', 'bp.dia']], ['weight', ['weight']]])
  })
  it('says the same as a table, digits as entered', () => {
    expect(tableOf(rowsOf(all))).toEqual([{ at: 2, entryId: 'b', family: false, texts: ['', '57.50'] }, { at: 1, entryId: 'a', family: false, texts: ['138/76', ''] }])
  })
})
