/** The shared chart: one timeline over all facilities, what is new on top, the summary beside it. */
import { useNavigate, useParams } from '@tanstack/react-router'
import { useCallback, useMemo, useRef, useState } from 'react'
import type { TimelineEntry } from '../../api/generated'
import { useRpc } from '../../api/rpc'
import { ChartBar, ChartTabs } from '../../frame/ChartNav'
import { Refused } from '../../frame/Refused'
import { Empty } from '../../frame/Say'
import { PatientScreen } from '../../frame/Screen'
import { useNow } from '../../frame/useClock'
import parts from '../../records/parts.module.css'
import { useDates } from '../../records/useDates'
import { useWords } from '../../records/useWords'
import { clock, headingDay, isToday, listDay } from '../../records/when'
import { EntryCard } from './EntryCard'
import { EntryDetail } from './EntryDetail'
import { Filters } from './Filters'
import { Members } from './Members'
import { Since } from './Since'
import { Summary } from './Summary'
import { rowsOf, type Row } from './timeline'
import { NO_FILTER, useTimeline, type Filter } from './useTimeline'
import { Windowed } from './Windowed'
import { chartWords } from './words'
import css from './chart.module.css'

export function ChartScreen() {
  const { patientId = '' } = useParams({ strict: false })
  return (
    <PatientScreen patientId={patientId} fixed tabs={<ChartTabs patientId={patientId} />} bottom={<ChartBar patientId={patientId} />}>
      <Chart key={patientId} patientId={patientId} />
    </PatientScreen>
  )
}

/** The summary as a view of its own, on phones. */
export function SummaryScreen() {
  const { patientId = '' } = useParams({ strict: false })
  const patient = useRpc('patient.show', { patientId })
  const now = useNow()
  return (
    <PatientScreen patientId={patientId} tabs={<ChartTabs patientId={patientId} />} bottom={<ChartBar patientId={patientId} />}>
      <div className={css.sumAlone}>{patient.data && <Summary patient={patient.data} now={now} />}<Members patientId={patientId} now={now} /></div>
    </PatientScreen>
  )
}

function Chart({ patientId }: { patientId: string }) {
  const say = useWords(chartWords)
  const now = useNow()
  const patient = useRpc('patient.show', { patientId })
  const [filter, setFilter] = useState<Filter>(NO_FILTER)
  const [open, setOpen] = useState<TimelineEntry | null>(null)
  const timeline = useTimeline(patientId, filter)
  const scroller = useRef<HTMLDivElement>(null)
  const navigate = useNavigate()
  const openPhoto = useCallback((entryId: string) => void navigate({ to: '/patients/$patientId/photos/$entryId', params: { patientId, entryId } }), [navigate, patientId])
  const rows = useMemo(() => rowsOf(timeline.entries, now), [timeline.entries, now])
  const draw = useCallback((row: Row) => <DrawRow row={row} onOpen={setOpen} onOpenPhoto={openPhoto} />, [openPhoto])
  const filtered = filter !== NO_FILTER && (filter.kind !== null || filter.facilityId !== null || filter.query !== '')
  return (
    <div className={css.sheet}>
      <aside className={css.sum} inert={open !== null} aria-label={say('summary')}>{patient.data && <Summary patient={patient.data} now={now} />}</aside>
      <div className={css.flow} inert={open !== null} ref={scroller}>
        {!filtered && <Since patientId={patientId} entries={timeline.entries} now={now} onOpen={setOpen} />}
        <Filters filter={filter} facilities={timeline.facilities} total={timeline.total} onChange={setFilter} />
        {timeline.state === 'loading' && <p className={css.wait} role="status">{say('loading')}</p>}
        {timeline.state === 'failed' && timeline.refusal && <Refused refusal={timeline.refusal} onAgain={timeline.again} />}
        {timeline.state === 'here' && rows.length === 0 && (
          <Empty title={say(filtered ? 'noneTitle' : 'emptyTitle')} action={filtered ? <button type="button" className={parts.btn} onClick={() => setFilter(NO_FILTER)}>{say('clear')}</button> : undefined}>{say(filtered ? 'noneText' : 'emptyText')}</Empty>
        )}
        <Windowed rows={rows} estimate={estimate} scroller={scroller} onNearEnd={timeline.next} draw={draw} />
        {rows.length > 0 && <p className={css.wait}>{timeline.more ? say('older') : say('end')}</p>}
      </div>
      <aside className={css.aside} inert={open !== null} aria-label={say('who')}><Members patientId={patientId} now={now} /></aside>
      {open && <EntryDetail patientId={patientId} entry={open} now={now} onClose={() => setOpen(null)} onOpenPhoto={openPhoto} />}
    </div>
  )
}

function estimate(row: Row): number {
  if (row.type !== 'entry') return 40
  return row.entry.kind === 'photo' ? 280 : row.entry.kind === 'note' ? 150 : 110
}

function DrawRow({ row, onOpen, onOpenPhoto }: { row: Row; onOpen(entry: TimelineEntry): void; onOpenPhoto(entryId: string): void }) {
  const say = useWords(chartWords)
  const dates = useDates()
  const now = useNow()
  switch (row.type) {
    case 'day':
      return <h2 className={css.day}>{isToday(row.at, now) ? `${say('today')}　` : ''}{headingDay(row.at, dates, now)}</h2>
    case 'mark':
      return <p className={css.mark}>{say('myVisit', { at: `${listDay(row.at, dates, now)} ${clock(row.at)}` })}</p>
    case 'entry':
      return <EntryCard entry={row.entry} first={row.first} last={row.last} now={now} onOpen={onOpen} onOpenPhoto={onOpenPhoto} />
  }
}
