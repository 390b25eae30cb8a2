/** What the forms may show beside the fields: last values, usual ranges, limits, the last entry of each kind. */
import { useRpc } from '../../api/rpc'
import type { TimelineEntry } from '../../api/generated'
import type { KnownKind } from '../../records/bodies'
import type { FormContext, MeasureContext } from '../../records/kind'
import { DAY_MS } from '../../records/when'
import { ALL_KEYS } from '../../records/vitals/fields'

const BACK_DAYS = 90

export function useFormContext(patientId: string, kind: KnownKind, nowMs: number, quote: string): FormContext {
  const end = (Math.floor(nowMs / DAY_MS) + 1) * DAY_MS
  const trend = useRpc('chart.trend', { patientId, keys: [...ALL_KEYS], from: end - BACK_DAYS * DAY_MS, to: end })
  const last = useRpc('chart.timeline', { patientId, kinds: [kind], limit: 3 })
  const measures: Partial<Record<string, MeasureContext>> = {}
  for (const series of trend.data?.series ?? []) {
    const point = series.points.at(-1)
    measures[series.key] = {
      last: point ? { text: point.text, value: point.value, at: point.at, family: point.family } : null,
      usual: series.usual, low: series.low, high: series.high,
    }
  }
  const stands = (entry: TimelineEntry) => entry.status !== 'voided' && entry.status !== 'struck'
  return { measures, last: last.data?.entries.find(stands) ?? null, quote }
}
