/** Vitals over time: one time axis, a row per measure; days without records are hatched and named. */
import { useParams } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import type { Ms } from '../../api/generated'
import { useRpc } from '../../api/rpc'
import { ChartBar, ChartTabs } from '../../frame/ChartNav'
import { Refused } from '../../frame/Refused'
import { Empty } from '../../frame/Say'
import { PatientScreen } from '../../frame/Screen'
import { useNow } from '../../frame/useClock'
import { Icon } from '../../records/Icon'
import parts from '../../records/parts.module.css'
import { useMedia } from '../../records/useMedia'
import { useDates } from '../../records/useDates'
import { useWords } from '../../records/useWords'
import { rangeText } from '../../records/vitals/show'
import { vitalsWords } from '../../records/vitals/words'
import { DAY_MS, dayNumber, here, shortDay, stamp } from '../../records/when'
import { dayTicks, gapAfter, gapsOf, nearest, weekChange } from './geometry'
import { Plot } from './Plot'
import { rowsOf, tableOf, TREND_KEYS, type TrendRow } from './rows'
import { trendWords } from './words'
import css from './trends.module.css'

const PERIODS = [7, 30, 90, 365] as const

export function TrendScreen() {
  const { patientId = '' } = useParams({ strict: false })
  return (
    <PatientScreen patientId={patientId} fixed tabs={<ChartTabs patientId={patientId} />} bottom={<ChartBar patientId={patientId} />}>
      <Trends key={patientId} patientId={patientId} />
    </PatientScreen>
  )
}

function Trends({ patientId }: { patientId: string }) {
  const say = useWords(trendWords)
  const now = useNow()
  const [days, setDays] = useState<(typeof PERIODS)[number]>(30)
  const [asTable, setAsTable] = useState(false)
  const to = (dayNumber(now) + 1) * DAY_MS - now.zoneMin * 60_000
  const from = to - days * DAY_MS
  const trend = useRpc('chart.trend', { patientId, keys: [...TREND_KEYS], from, to }, { keep: true })
  const rows = useMemo(() => rowsOf(trend.data?.series ?? []), [trend.data])
  return (
    <div className={css.page}>
      <div className={css.tools}>
        <div className={`${parts.seg} ${css.period}`} role="group" aria-label={say('range')}>
          {PERIODS.map((each) => <button key={each} type="button" aria-pressed={each === days} onClick={() => setDays(each)}>{say(`days.${each}`)}</button>)}
        </div>
        <Key />
        <button type="button" className={parts.btn} onClick={() => setAsTable(!asTable)}><Icon name={asTable ? 'graph' : 'table'} small />{say(asTable ? 'graph' : 'table')}</button>
      </div>
      {trend.error && <div className={css.pad}><Refused refusal={trend.error} onAgain={() => void trend.refetch()} /></div>}
      {!trend.data && !trend.error && <p className={css.pad} role="status">{say('loading')}</p>}
      {trend.data && rows.length === 0 && <div className={css.pad}><Empty title={say('emptyTitle')}>{say('emptyText')}</Empty></div>}
      {rows.length > 0 && (asTable ? <Table rows={rows} /> : <Graph rows={rows} from={from} to={to} />)}
    </div>
  )
}

function Key() {
  const say = useWords(trendWords)
  return (
    <div className={css.key}>
      <span><i className={css.kStaff} />{say('staff')}</span>
      <span><i className={css.kKin} />{say('family')}</span>
      <span><i className={css.kBand} />{say('usualBand')}</span>
      <span><i className={css.kLimit} />{say('limit')}</span>
      <span><i className={css.kGap} />{say('gapKey')}</span>
    </div>
  )
}

function Graph({ rows, from, to }: { rows: readonly TrendRow[]; from: Ms; to: Ms }) {
  const say = useWords(trendWords)
  const dates = useDates()
  const now = useNow()
  const vitalsSay = useWords(vitalsWords)
  const narrow = useMedia('(max-width: 1023px)')
  const dark = useMedia('(prefers-color-scheme: dark)')
  const theme = `${document.documentElement.dataset.theme ?? ''}${dark}`
  const zone = now.zoneMin
  const [cursor, setCursor] = useState<Ms | null>(null)
  const all = useMemo(() => rows.flatMap((row) => row.series), [rows])
  const gaps = useMemo(() => gapsOf(all, from, to, zone), [all, from, to, zone])
  const limit = useMemo(() => gapAfter(all.flatMap((series) => series.points), zone), [all, zone])
  const ticks = useMemo(() => dayTicks(from, to, zone, narrow ? 5 : 8), [from, to, zone, narrow])
  const share = (at: Ms) => `${((Math.max(at, from) - from) / (to - from)) * 100}%`
  const day = (at: Ms) => shortDay(here(at), dates, now)
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls and holds nothing to focus: keys must reach it
    <div className={css.graph} tabIndex={0} role="group" aria-label={say('graphOf')}>
      <div className={css.events}>
        {gaps.map((gap) => <span key={gap.from} style={{ left: share((Math.max(gap.from, from) + gap.to) / 2) }}>{say('gap', { from: day(Math.max(gap.from, from)), to: day(gap.to - 1) })}</span>)}
        {cursor !== null && <b style={{ left: share(cursor) }}>{stamp(here(cursor), dates, now)}</b>}
      </div>
      <div className={css.rows}>
        {rows.map((row) => (
          <div key={row.field.id} className={css.row}>
            <RowHead row={row} cursor={cursor} within={Math.max((to - from) / 60, DAY_MS / 4)} />
            <Plot key={theme} series={row.series} gaps={gaps} from={from} to={to} dayTicks={ticks} limit={limit} zoneMin={zone} places={row.field.parts[0]?.decimals ?? 0} onCursor={setCursor} alt={altOf(row, say)} />
          </div>
        ))}
      </div>
      <div className={css.axis} aria-hidden="true">{ticks.map((at) => <span key={at} style={{ left: share(at) }}>{day(at)}</span>)}</div>
    </div>
  )

  function altOf(row: TrendRow, words_: typeof say): string {
    const last = row.series.map((series) => series.points.at(-1)?.text ?? '—').join('/')
    return words_('alt', { name: vitalsSay(`name.${row.field.id}`), count: row.series[0]?.points.length ?? 0, last })
  }
}

function RowHead({ row, cursor, within }: { row: TrendRow; cursor: Ms | null; within: Ms }) {
  const say = useWords(trendWords)
  const vitals = useWords(vitalsWords)
  const [main] = row.series
  const points = row.series.map((series) => (cursor === null ? series.points.at(-1) : nearest(series.points, cursor, within)))
  const change = row.field.id === 'weight' && main ? weekChange(main.points) : null
  const family = points[0]?.family === true
  return (
    <div className={css.head}>
      <span className={css.name}>{vitals(`name.${row.field.id}`)}<small>{vitals(`unit.${row.field.id}`)}</small></span>
      <b className={cursor !== null ? css.picked : ''}>{points.map((point) => point?.text ?? '—').join('/')}{family && <small className={css.kin}>{vitals('family')}</small>}</b>
      {change !== null && change !== 0 && <span className={css.change}>{change > 0 ? say('weekUp', { change: change.toFixed(1) }) : say('weekDown', { change: Math.abs(change).toFixed(1) })}</span>}
      <span className={css.usual}>{main?.usual ? say('usual', { range: rangeText(row.field, main.usual, vitals) }) : say('noUsual')}</span>
    </div>
  )
}

function Table({ rows }: { rows: readonly TrendRow[] }) {
  const say = useWords(trendWords)
  const vitals = useWords(vitalsWords)
  const dates = useDates()
  const now = useNow()
  return (
    <div className={css.tableBox}>
      <table className={css.table}>
        <thead><tr><th scope="col">{say('when')}</th>{rows.map((row) => <th key={row.field.id} scope="col">{vitals(`name.${row.field.id}`)}<small>{vitals(`unit.${row.field.id}`)}</small></th>)}<th scope="col">{say('by')}</th></tr></thead>
        <tbody>
          {tableOf(rows).map((line) => (
            <tr key={line.entryId}>
              <th scope="row">{stamp(here(line.at), dates, now)}</th>
              {rows.map((row, column) => <td key={row.field.id}>{line.texts[column] || '—'}</td>)}
              <td className={line.family ? css.kin : ''}>{say(line.family ? 'family' : 'staff')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
