/** Filters of the timeline: kind, facility, words. Pressed = filled ink. */
import { useEffect, useState } from 'react'
import type { Facility } from '../../api/generated'
import { Icon } from '../../records/Icon'
import parts from '../../records/parts.module.css'
import { VISIT_KINDS } from '../../records/registry'
import { useWords } from '../../records/useWords'
import { kindWord, recordWords } from '../../records/words'
import type { Filter } from './useTimeline'
import { chartWords } from './words'
import css from './chart.module.css'

interface Props {
  filter: Filter
  facilities: readonly Facility[]
  total: number
  onChange(filter: Filter): void
}

export function Filters({ filter, facilities, total, onChange }: Props) {
  const say = useWords(chartWords)
  const record = useWords(recordWords)
  const [typed, setTyped] = useState(filter.query)
  useEffect(() => {
    if (typed === filter.query) return
    const timer = setTimeout(() => onChange({ ...filter, query: typed }), 200)
    return () => clearTimeout(timer)
  }, [typed, filter, onChange])
  return (
    <div className={css.filters}>
      <div className={css.chips} role="group" aria-label={say('filter')}>
        <button type="button" className={parts.chip} aria-pressed={filter.kind === null} onClick={() => onChange({ ...filter, kind: null })}>{say('all')}</button>
        {VISIT_KINDS.map((kind) => <button key={kind} type="button" className={parts.chip} aria-pressed={filter.kind === kind} onClick={() => onChange({ ...filter, kind: filter.kind === kind ? null : kind })}>{kindWord(record, kind)}</button>)}
        {facilities.length > 1 && (
          <select className={`${parts.chip} ${css.pick}`} aria-label={say('facility')} value={filter.facilityId ?? ''} onChange={(event) => onChange({ ...filter, facilityId: event.target.value || null })}>
            <option value="">{say('allFacilities')}</option>
            {facilities.map((facility) => <option key={facility.id} value={facility.id}>{facility.name}</option>)}
          </select>
        )}
      </div>
      <label className={css.search}>
        <Icon name="search" small />
        <span className={parts.sr}>{say('search')}</span>
        <input type="search" autoComplete="off" value={typed} placeholder={say('search')} onChange={(event) => setTyped(event.target.value)} />
        {(filter.kind || filter.facilityId || filter.query) && <span className={parts.meta} role="status">{say('total', { count: total })}</span>}
      </label>
    </div>
  )
}
