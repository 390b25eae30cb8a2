/** Which measures stand on the graph, from top to bottom: a row per measure, both pressures in one. Pure. */
import type { Series } from '../../api/generated'
import { FIELDS, keysOf, type VitalField } from '../../records/vitals/fields'

export const TREND_FIELDS: readonly VitalField[] = FIELDS.filter((field) => !field.codes)
export const TREND_KEYS: readonly string[] = TREND_FIELDS.flatMap(keysOf)

export interface TrendRow {
  field: VitalField
  series: Series[]
}

export function rowsOf(series: readonly Series[]): TrendRow[] {
  return TREND_FIELDS.flatMap((field) => {
    const own = keysOf(field).flatMap((key) => series.find((each) => each.key === key) ?? [])
    return own.some((each) => each.points.length > 0) ? [{ field, series: own }] : []
  })
}

export interface TableLine {
  at: number
  entryId: string
  family: boolean
  texts: string[]
}

/** The same values as a table: one line per entry, newest first. */
export function tableOf(rows: readonly TrendRow[]): TableLine[] {
  const lines = new Map<string, TableLine>()
  rows.forEach((row, column) => {
    row.series.forEach((series, part) => {
      for (const point of series.points) {
        const line = lines.get(point.entryId) ?? { at: point.at, entryId: point.entryId, family: point.family, texts: rows.map(() => '') }
        line.texts[column] = part === 0 ? point.text : `${line.texts[column] || '—'}/${point.text}`
        lines.set(point.entryId, line)
      }
    })
  })
  return [...lines.values()].sort((a, b) => b.at - a.at)
}
