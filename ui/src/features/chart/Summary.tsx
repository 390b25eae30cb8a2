/** What one must know before reading on: two values, drafts, last vitals, limits, contact. */
import { Link } from '@tanstack/react-router'
import type { Instant, PatientHeader, Series } from '../../api/generated'
import { useRpc } from '../../api/rpc'
import { Icon } from '../../records/Icon'
import parts from '../../records/parts.module.css'
import { useDates } from '../../records/useDates'
import { useWords } from '../../records/useWords'
import { FIELDS, fieldOf, keysOf, type VitalField } from '../../records/vitals/fields'
import { codeText, rangeText } from '../../records/vitals/show'
import { vitalsWords } from '../../records/vitals/words'
import { DAY_MS, here, stamp } from '../../records/when'
import { chartWords } from './words'
import css from './chart.module.css'

const KEYS = FIELDS.flatMap(keysOf)
const BACK_DAYS = 90

export function Summary({ patient, now }: { patient: PatientHeader; now: Instant }) {
  const say = useWords(chartWords)
  const vitals = useWords(vitalsWords)
  const patientId = patient.patientId
  const drafts = useRpc('draft.list', { patientId })
  const count = drafts.data?.drafts.length ?? 0
  const members = useRpc('space.members', { patientId })
  const struck = (key: string) => (patient.struck.includes(key) ? <small className={css.strucks}>{say('struckValue')}</small> : null)
  return (
    <>
      {patient.conflicts > 0 && (
        <Link className={css.split} to="/patients/$patientId/conflicts" params={{ patientId }}><Icon name="alert" small /><span>{say('conflictCount', { count: patient.conflicts })}</span><Icon name="next" small /></Link>
      )}
      {patient.struck.length > 0 && (
        <Link className={css.split} to="/patients/$patientId/struck" params={{ patientId }}><Icon name="alert" small /><span>{say('struckCount', { count: patient.struck.length })}</span><Icon name="next" small /></Link>
      )}
      {count > 0 && (
        <Link className={`${css.split} ${css.draft}`} to="/patients/$patientId/visit" params={{ patientId }}><Icon name="pen" small /><span>{say('draftLine', { count })}</span><span>{say('draftGo')}</span></Link>
      )}
      <LastVitals patientId={patientId} now={now} />
      {patient.thresholds.length > 0 && (
        <section className={css.sec}>
          <header><h2>{say('limits')}</h2></header>
          <ul className={css.plain}>
            {patient.thresholds.map((limit) => {
              const field = fieldOf(limit.measure)
              const withUnit = (value: string) => (field ? `${value} ${vitals(`unit.${field.id}`)}` : value)
              return (
                <li key={limit.id}>
                  <span>{field ? vitals(`name.${field.id}`) : limit.measure}{struck(`threshold/${limit.id}/limit`)}{limit.reason && <small>{limit.reason}</small>}</span>
                  <b>{[limit.low && say('limitLow', { value: withUnit(limit.low) }), limit.high && say('limitHigh', { value: withUnit(limit.high) })].filter(Boolean).join('・')}</b>
                </li>
              )
            })}
          </ul>
        </section>
      )}
      <section className={css.sec}>
        <header><h2>{say('contact')}</h2></header>
        <ul className={css.plain}>
          <li><span>{say('phone')}{struck(`identity/${patientId}/phone`)}</span>{patient.phone ? <b>{patient.phone}</b> : <span className={css.right}>{say('none')}</span>}</li>
          <li><span>{say('address')}{struck(`identity/${patientId}/address`)}</span><span className={css.right}>{patient.address || say('none')}</span></li>
        </ul>
      </section>
      {members.data?.manager && (
        <section className={css.sec}>
          <header><h2>{say('shared')}　{say('sharedWith', { count: members.data.teams.length })}</h2><Link className={`${parts.btn} ${parts.quiet}`} to="/patients/$patientId/members" params={{ patientId }}>{say('changeShared')}</Link></header>
          <ul className={css.shares}>{members.data.teams.map((team) => <li key={team.facilityId}>{team.facility}</li>)}</ul>
        </section>
      )}
    </>
  )
}

function LastVitals({ patientId, now }: { patientId: string; now: Instant }) {
  const say = useWords(chartWords)
  const dates = useDates()
  const end = (Math.floor(now.ms / DAY_MS) + 1) * DAY_MS
  const trend = useRpc('chart.trend', { patientId, keys: KEYS, from: end - BACK_DAYS * DAY_MS, to: end })
  const series = trend.data?.series ?? []
  const newest = Math.max(...series.map((each) => each.points.at(-1)?.at ?? 0), 0)
  return (
    <section className={css.sec}>
      <header><h2>{say('lastVitals')}</h2>{newest > 0 && <span className={parts.meta}>{stamp(here(newest), dates, now)}</span>}</header>
      {trend.data && newest === 0 ? <p className={parts.meta}>{say('noVitals')}</p> : (
        <dl className={css.vit}>{FIELDS.map((field) => <Value key={field.id} field={field} series={series} newest={newest} now={now} />)}</dl>
      )}
    </section>
  )
}

function Value({ field, series, newest, now }: { field: VitalField; series: readonly Series[]; newest: number; now: Instant }) {
  const say = useWords(chartWords)
  const vitals = useWords(vitalsWords)
  const dates = useDates()
  const own = keysOf(field).map((key) => series.find((each) => each.key === key))
  const points = own.map((each) => each?.points.at(-1))
  const [first] = points
  if (!first) return null
  const text = field.codes ? codeText(field.id, first.text, vitals) : points.map((point) => point?.text ?? '—').join('/')
  const usual = own[0]?.usual
  return (
    <div>
      <dt>{vitals(`name.${field.id}`)}{first.family && <span className={css.kinWord}>{vitals('family')}</span>}</dt>
      <dd className={css.amount}><b>{text}</b><span className={css.u}>{vitals(`unit.${field.id}`)}</span></dd>
      {usual && <dd className={css.u}>{say('usual', { range: rangeText(field, usual, vitals) })}</dd>}
      {newest - first.at > DAY_MS && <dd className={css.u}>{stamp(here(first.at), dates, now)}</dd>}
    </div>
  )
}
