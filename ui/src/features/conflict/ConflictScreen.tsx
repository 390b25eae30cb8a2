/** Two people changed the same field: both values side by side, nothing chosen beforehand, a person decides. */
import { useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import type { Conflict } from '../../api/generated'
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
import { clock, listDay } from '../../records/when'
import { fieldOf } from '../../records/vitals/fields'
import { vitalsWords } from '../../records/vitals/words'
import { piecesOf } from './pieces'
import { fieldWord, valueText } from './valueText'
import { conflictWords } from './words'
import css from './conflict.module.css'

export function ConflictScreen() {
  const { patientId = '' } = useParams({ strict: false })
  return <PatientScreen patientId={patientId} back={`/patients/${patientId}`} bare><Conflicts patientId={patientId} /></PatientScreen>
}

export function Conflicts({ patientId }: { patientId: string }) {
  const say = useWords(conflictWords)
  const navigate = useNavigate()
  const conflicts = useRpc('state.conflicts', { patientId })
  const [later, setLater] = useState<readonly string[]>([])
  const toChart = () => void navigate({ to: '/patients/$patientId', params: { patientId } })
  const open = (conflicts.data?.conflicts ?? []).filter((conflict) => !later.includes(conflict.key))
  const [first] = open
  if (conflicts.error) return <div className={css.page}><Refused refusal={conflicts.error} onAgain={() => void conflicts.refetch()} /></div>
  if (!conflicts.data) return <p className={css.page} role="status">{say('loading')}</p>
  if (!first) {
    const left = conflicts.data.conflicts.length
    const chart = <button type="button" className={parts.btn} onClick={toChart}>{say('toChart')}</button>
    if (left === 0) return <div className={css.page}><Empty title={say('noneTitle')} action={chart} /></div>
    return <div className={css.page}><Empty title={say('laterTitle', { count: left })} action={<>{chart} <button type="button" className={parts.btn} onClick={() => setLater([])}>{say('decide')}</button></>}>{say('laterBody')}</Empty></div>
  }
  return (
    <div className={css.page}>
      <Choose key={first.key} patientId={patientId} conflict={first} onLater={() => { if (open.length === 1) toChart(); else setLater([...later, first.key]) }} />
      {open.length > 1 && <p className={parts.meta}>{say('left', { count: open.length - 1 })}</p>}
    </div>
  )
}

function Choose({ patientId, conflict, onLater }: { patientId: string; conflict: Conflict; onLater(): void }) {
  const say = useWords(conflictWords)
  const vitals = useWords(vitalsWords)
  const lang = useLang()
  const dates = useDates()
  const now = useNow()
  const resolve = useCall('state.resolve')
  const measure = conflict.kind === 'threshold' ? fieldOf(conflict.id) : undefined
  const texts = conflict.values.map((value) => valueText(conflict.field, value.value, say, measure ? vitals(`unit.${measure.id}`) : ''))
  const field = `${measure ? `${vitals(`name.${measure.id}`)} ` : ''}${fieldWord(conflict.field, say)}`
  return (
    <section className={css.card} aria-labelledby="which">
      <h2 id="which">{say('title', { field })}</h2>
      <p className={parts.label}>{say('lead')}</p>
      <div className={css.choose}>
        {conflict.values.map((value, index) => (
          <div key={value.choice}>
            <span className={css.by}><Seal person={value.author} small />{value.author.isMe ? say('you') : `${value.author.name} ${professionWord(value.author.profession, lang)}`}　{value.author.facility}</span>
            <span className={css.value}>{piecesOf(texts[index] ?? '', texts[index === 0 ? 1 : 0] ?? '').map((piece, at) => (piece.differs ? <span key={at} className={parts.differ}>{piece.text}</span> : piece.text))}</span>
            <span className={parts.meta}>{say('written', { at: `${listDay(value.writtenAt, dates, now)} ${clock(value.writtenAt)}` })}</span>
            <button type="button" className={`${parts.btn} ${parts.big}`} disabled={resolve.isPending} onClick={() => resolve.mutate({ patientId, key: conflict.key, choice: value.choice })}>{say('choose')}</button>
          </div>
        ))}
      </div>
      {resolve.error && <Refused refusal={resolve.error} onAgain={() => { if (resolve.variables) resolve.mutate(resolve.variables) }} />}
      <footer>
        <button type="button" className={`${parts.btn} ${parts.quiet}`} onClick={onLater}>{say('later')}</button>
        <span className={css.both}><button type="button" className={parts.btn} aria-disabled="true" aria-describedby="both-why">{say('both')}</button><small id="both-why">{say('bothWhy')}</small></span>
      </footer>
    </section>
  )
}
