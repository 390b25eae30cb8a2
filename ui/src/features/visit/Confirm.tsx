/** The last step before signing: the name once more and who it is not, everything that will be kept, open questions. */
import { useState } from 'react'
import type { Finding } from '../../api/generated'
import { asRefusal } from '../../api/refusal'
import { useRpc } from '../../api/rpc'
import type { Refusal } from '../../api/transport'
import { Differing, fullName, PatientName } from '../../frame/Name'
import { Refused } from '../../frame/Refused'
import { useNow } from '../../frame/useClock'
import type { Bodies, KnownKind } from '../../records/bodies'
import { Icon } from '../../records/Icon'
import parts from '../../records/parts.module.css'
import { registry, VISIT_KINDS } from '../../records/registry'
import { useDates } from '../../records/useDates'
import { useLang, useWords } from '../../records/useWords'
import { ageAt, birthDay, clock, here } from '../../records/when'
import { direction, namedSentence } from '../../records/vitals/findings'
import { vitalsWords } from '../../records/vitals/words'
import type { Visit } from './useVisit'
import type { Step } from './VisitScreen'
import { visitWords } from './words'
import css from './visit.module.css'

interface Props {
  patientId: string
  visit: Visit
  onStep(step: Step): void
  onDone(): void
}

export function Confirm({ patientId, visit, onStep, onDone }: Props) {
  const say = useWords(visitWords)
  const lang = useLang()
  const now = useNow()
  const members = useRpc('space.members', { patientId })
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const filled = VISIT_KINDS.filter((kind) => !visit.isEmpty(kind))
  const open = filled.map((kind) => ({ kind, ...visit.open(kind) })).filter((each) => each.refused.length + each.asked.length > 0)
  const why = filled.length === 0 ? say('empty') : open.some((each) => each.refused.length > 0) ? say('refusedLine') : open.length > 0 ? say('openAsk') : null
  const confirm = async () => {
    setBusy(true)
    setRefusal(null)
    try {
      await visit.confirm(here(Date.now()))
      onDone()
    } catch (thrown) {
      setRefusal(asRefusal(thrown))
      setBusy(false)
    }
  }
  return (
    <div className={css.confirm}>
      <div className={css.wrap}>
        <Sure patientId={patientId} />
        {open.map((each) => <Open key={each.kind} kind={each.kind} refused={each.refused} asked={each.asked} onAnswer={() => visit.answers(each.kind).give(each.asked)} onBack={() => onStep(each.kind)} />)}
        <ul className={css.rows}>
          {VISIT_KINDS.map((kind) => (
            <li key={kind}>
              <h3>{say(`step.${kind}`)}</h3>
              <div>
                {visit.isEmpty(kind) ? <p className={parts.label}>{say(kind === 'photo' ? 'noPhoto' : 'nothing')}</p> : <Written kind={kind} visit={visit} draftId={busy ? '' : visit.draftId(kind)} />}
              </div>
              <button type="button" className={`${parts.btn} ${parts.quiet}`} aria-label={say('editOf', { what: say(`step.${kind}`) })} onClick={() => onStep(kind)}>{say('edit')}</button>
            </li>
          ))}
          <li><h3>{say('time')}</h3><p>{say('now', { at: clock(now) })}</p><span /></li>
          <li><h3>{say('readers')}</h3><p>{(members.data?.teams ?? []).map((team) => team.facility).join(lang === 'ja' ? '、' : ', ')}</p><span /></li>
        </ul>
        <p className={css.forever}>{say('forever')}</p>
        {refusal && <Refused refusal={refusal} onAgain={why === null ? () => void confirm() : undefined} />}
      </div>
      <div className={css.foot}>
        <button type="button" className={`${parts.btn} ${parts.big}`} onClick={() => onStep('photo')}><Icon name="back" small />{say('backPhoto')}</button>
        <span className={css.go}>
          {why && <span className={parts.meta} id="why-not">{say('blocked', { why })}</span>}
          <button type="button" className={`${parts.btn} ${parts.big} ${parts.act}`} disabled={busy || why !== null} aria-describedby={why ? 'why-not' : undefined} onClick={() => void confirm()}>{busy ? say('confirming') : say('confirm')}</button>
        </span>
      </div>
    </div>
  )
}

function Sure({ patientId }: { patientId: string }) {
  const say = useWords(visitWords)
  const dates = useDates()
  const now = useNow()
  const patient = useRpc('patient.show', { patientId }).data
  if (!patient) return null
  const age = ageAt(patient.birthDate, now)
  const birth = birthDay(patient.birthDate, dates)
  return (
    <section className={css.sure}>
      <p className={parts.label}>{say('sure')}</p>
      <p className={css.name}><PatientName patient={patient} />　<small>{fullName(patient.kana)}</small>　{age === null ? say('ageUnknown') : say('age', { n: age })} {say(patient.sex)}</p>
      <p className={parts.label}>
        {birth && say('born', { date: birth })}
        {patient.similar.length > 0 && <>　<b className={css.notThem}>{say('notHim', { names: '\u0000' }).split('\u0000').map((words_, index) => <span key={index}>{index > 0 && patient.similar.map((other, at) => <span key={other.patientId}>{at > 0 && '、'}<Differing name={other.name} from={fullName(patient.name)} /></span>)}{words_}</span>)}</b></>}
      </p>
    </section>
  )
}

/** While the draft becomes an entry it is asked for nothing more. */
function Written<K extends KnownKind>({ kind, visit, draftId }: { kind: K; visit: Visit; draftId: string }) {
  const vitals = useWords(vitalsWords)
  const known: (typeof registry)[K] = registry[kind]
  const body: Bodies[K] = known.tidy(visit.body(kind))
  const answered = visit.findings(kind).filter((finding) => visit.answers(kind).has(finding))
  const { Summary } = known
  return (
    <>
      <Summary body={body} entryId={draftId} />
      {answered.map((finding) => <p key={`${finding.code}${finding.field}`} className={css.answered}>{direction(finding) === 'low' ? '▼' : direction(finding) === 'high' ? '▲' : ''}{namedSentence(finding, vitals)}　<span className={parts.meta}>{vitals('confirmed')}</span></p>)}
    </>
  )
}

function Open({ kind, refused, asked, onAnswer, onBack }: { kind: KnownKind; refused: Finding[]; asked: Finding[]; onAnswer(): void; onBack(): void }) {
  const say = useWords(visitWords)
  const vitals = useWords(vitalsWords)
  return (
    <section className={`${css.ask} ${refused.length > 0 ? css.refused : ''}`} role="alert">
      <h3><Icon name="alert" />{refused.length > 0 ? say('refusedLine') : say('openAsk')}</h3>
      <ul>{[...refused, ...asked].map((finding) => <li key={`${finding.code}${finding.field}`}>{namedSentence(finding, vitals)}</li>)}</ul>
      <div className={css.two}>
        <button type="button" className={parts.btn} onClick={onBack}>{say('goBack', { step: say(`step.${kind}`) })}</button>
        {refused.length === 0 && <button type="button" className={parts.btn} onClick={onAnswer}>{say('answerAll')}</button>}
      </div>
    </section>
  )
}
