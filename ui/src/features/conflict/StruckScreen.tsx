/** Fields that a struck change wrote last: what stands there now, what stood there before, and a person decides. */
import { useNavigate, useParams } from '@tanstack/react-router'
import type { ConflictValue, StruckField } from '../../api/generated'
import { useCall, useRpc } from '../../api/rpc'
import { Refused } from '../../frame/Refused'
import { Empty } from '../../frame/Say'
import { PatientScreen } from '../../frame/Screen'
import { useNow } from '../../frame/useClock'
import parts from '../../records/parts.module.css'
import { professionWord } from '../../records/professions'
import { Seal } from '../../records/Seal'
import { useDates } from '../../records/useDates'
import { useLang, useWords } from '../../records/useWords'
import { fieldOf } from '../../records/vitals/fields'
import { vitalsWords } from '../../records/vitals/words'
import { clock, listDay } from '../../records/when'
import { fieldWord, valueText } from './valueText'
import { conflictWords } from './words'
import css from './conflict.module.css'

export function StruckScreen() {
  const { patientId = '' } = useParams({ strict: false })
  return <PatientScreen patientId={patientId} back={`/patients/${patientId}`} bare><Struck patientId={patientId} /></PatientScreen>
}

export function Struck({ patientId }: { patientId: string }) {
  const say = useWords(conflictWords)
  const navigate = useNavigate()
  const struck = useRpc('state.struck', { patientId })
  const toChart = () => void navigate({ to: '/patients/$patientId', params: { patientId } })
  if (struck.error) return <div className={css.page}><Refused refusal={struck.error} onAgain={() => void struck.refetch()} /></div>
  if (!struck.data) return <p className={css.page} role="status">{say('loading')}</p>
  const { fields } = struck.data
  if (fields.length === 0) return <div className={css.page}><Empty title={say('noStruck')} action={<button type="button" className={parts.btn} onClick={toChart}>{say('toChart')}</button>} /></div>
  return (
    <div className={css.page}>
      <header className={css.lead}><h2>{say('struckTitle', { count: fields.length })}</h2><p>{say('struckLead')}</p></header>
      {fields.map((field) => <Field key={field.key} patientId={patientId} field={field} />)}
    </div>
  )
}

function Field({ patientId, field }: { patientId: string; field: StruckField }) {
  const say = useWords(conflictWords)
  const vitals = useWords(vitalsWords)
  const restore = useCall('state.restore')
  const measure = field.kind === 'threshold' ? fieldOf(field.id) : undefined
  const text = (value: ConflictValue) => valueText(field.field, value.value, say, measure ? vitals(`unit.${measure.id}`) : '')
  const choose = (choice?: string) => restore.mutate({ patientId, key: field.key, ...(choice === undefined ? {} : { choice }) })
  return (
    <section className={css.card} aria-label={fieldWord(field.field, say)}>
      <h3 className={css.which}>{measure ? `${vitals(`name.${measure.id}`)} ` : ''}{fieldWord(field.field, say)}</h3>
      <div className={css.choose}>
        {field.before.map((value) => (
          <div key={value.choice} className={css.previous}>
            <span className={parts.label}>{say('previous')}</span>
            <span className={css.value}>{text(value)}</span>
            <By value={value} />
            <button type="button" className={`${parts.btn} ${parts.big} ${parts.act}`} disabled={restore.isPending} onClick={() => choose(value.choice)}>{say('putBack')}</button>
          </div>
        ))}
        {field.before.length === 0 ? (
          <div className={css.previous}>
            <span className={parts.label}>{say('previous')}</span>
            <span className={css.value}>{say('empty')}</span>
            <span className={css.by}>{say('nothingBefore')}</span>
            {field.now.length > 0 ? <button type="button" className={`${parts.btn} ${parts.big} ${parts.act}`} disabled={restore.isPending} onClick={() => choose()}>{say('makeEmpty')}</button> : null}
          </div>
        ) : null}
        {field.now.map((value) => (
          <div key={value.choice}>
            <span className={parts.label}>{say('struckNow')}</span>
            <span className={`${css.value} ${css.through}`}>{text(value)}</span>
            <By value={value} />
            <button type="button" className={`${parts.btn} ${parts.big}`} disabled={restore.isPending} onClick={() => choose(value.choice)}>{say('keepNow')}</button>
          </div>
        ))}
        {field.now.length === 0 ? (
          <div>
            <span className={parts.label}>{say('struckNow')}</span>
            <span className={css.value}>{say('empty')}</span>
            <span className={css.by}>{say('takenAway')}</span>
            <button type="button" className={`${parts.btn} ${parts.big}`} disabled={restore.isPending} onClick={() => choose()}>{say('keepEmpty')}</button>
          </div>
        ) : null}
      </div>
      {restore.error && <Refused refusal={restore.error} onAgain={() => { if (restore.variables) restore.mutate(restore.variables) }} />}
    </section>
  )
}

function By({ value }: { value: ConflictValue }) {
  const say = useWords(conflictWords)
  const lang = useLang()
  const dates = useDates()
  const now = useNow()
  const { author } = value
  return (
    <>
      <span className={css.by}><Seal person={author} small />{author.isMe ? say('you') : `${author.name} ${professionWord(author.profession, lang)}`}　{author.facility}</span>
      <span className={parts.meta}>{say('written', { at: `${listDay(value.writtenAt, dates, now)} ${clock(value.writtenAt)}` })}</span>
    </>
  )
}
