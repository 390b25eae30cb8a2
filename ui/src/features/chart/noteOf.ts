/** One line about an entry, from its own words and values. Pure. */
import type { TimelineEntry } from '../../api/generated'
import { FIELDS, keysOf } from '../../records/vitals/fields'
import { vitalsWords } from '../../records/vitals/words'
import { parseVitals, valueOf } from '../../records/vitals/values'
import type { Lang } from '../../records/useWords'

const MOST = 4

export function noteOf(entry: TimelineEntry, lang: Lang): string {
  const vitals = entry.kind === 'vitals' ? parseVitals(entry.body) : null
  if (!vitals) return entry.title
  const names = vitalsWords[lang]
  const values = FIELDS.flatMap((field) => {
    const texts = keysOf(field).map((key) => valueOf(vitals, key))
    return texts.some(Boolean) ? [`${names[`name.${field.id}`]} ${texts.join('/')}`] : []
  })
  return values.slice(0, MOST).join('　') + (values.length > MOST ? '　…' : '')
}
