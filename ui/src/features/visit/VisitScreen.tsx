/** A visit: vitals, note, photo, last check. Nothing typed is lost: every change is kept as a draft on this device. */
import { useBlocker, useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { mayHaveChanged, queryClient, useRpc } from '../../api/rpc'
import { PatientScreen } from '../../frame/Screen'
import { Refused } from '../../frame/Refused'
import type { Bodies, KnownKind } from '../../records/bodies'
import { Icon } from '../../records/Icon'
import parts from '../../records/parts.module.css'
import { registry } from '../../records/registry'
import { useDates } from '../../records/useDates'
import { useWords } from '../../records/useWords'
import { here, stamp } from '../../records/when'
import { quoteOf } from '../../records/vitals/quote'
import { vitalsWords } from '../../records/vitals/words'
import { Confirm } from './Confirm'
import { useFormContext } from './useContext'
import { useVisit, type Visit } from './useVisit'
import { visitWords } from './words'
import css from './visit.module.css'

const STEPS = ['vitals', 'note', 'photo', 'confirm'] as const
export type Step = (typeof STEPS)[number]

export function VisitScreen() {
  const { patientId = '' } = useParams({ strict: false })
  return (
    <PatientScreen patientId={patientId} back={`/patients/${patientId}`} bare fixed>
      <VisitSteps key={patientId} patientId={patientId} />
    </PatientScreen>
  )
}

export function VisitSteps({ patientId }: { patientId: string }) {
  const visit = useVisit(patientId)
  const say = useWords(visitWords)
  const [step, setStep] = useState<Step>('vitals')
  const [openedAt] = useState(() => Date.now())
  const navigate = useNavigate()
  useBlocker({ shouldBlockFn: async () => { await visit.flush(); return false }, enableBeforeUnload: visit.saving === 'failed' })
  if (visit.state === 'loading') return <p className={css.wait} role="status">{say('loading')}</p>
  if (visit.state === 'failed') return <div className={css.wait}>{visit.refusal && <Refused refusal={visit.refusal} onAgain={visit.again} />}</div>
  const leave = () => navigate({ to: '/patients/$patientId', params: { patientId } })
  const done = async () => { await leave(); await queryClient.invalidateQueries({ predicate: mayHaveChanged }) }
  return (
    <div className={css.visit}>
      <StepBar step={step} visit={visit} onStep={setStep} />
      <div className={css.step}>
        {step === 'vitals' && <FormStep kind="vitals" patientId={patientId} visit={visit} now={openedAt} back={{ words: say('leave'), go: () => void leave() }} onward={{ words: say('toNote'), go: () => setStep('note') }} />}
        {step === 'note' && <FormStep kind="note" patientId={patientId} visit={visit} now={openedAt} back={{ words: say('backVitals'), go: () => setStep('vitals') }} onward={{ words: say('toPhoto'), go: () => setStep('photo') }} />}
        {step === 'photo' && <FormStep kind="photo" patientId={patientId} visit={visit} now={openedAt} back={{ words: say('backNote'), go: () => setStep('note') }} onward={{ words: say('toConfirm'), go: () => setStep('confirm') }} />}
        {step === 'confirm' && <Confirm patientId={patientId} visit={visit} onStep={setStep} onDone={() => void done()} />}
      </div>
    </div>
  )
}

function StepBar({ step, visit, onStep }: { step: Step; visit: Visit; onStep(step: Step): void }) {
  const say = useWords(visitWords)
  const dates = useDates()
  const [asking, setAsking] = useState(false)
  const saving = visit.saving === 'failed' ? say('notKept') : visit.saving === 'keeping' ? say('keeping') : say('kept')
  return (
    <nav className={css.steps} aria-label={say('steps')}>
      <ol>
        {STEPS.map((each, index) => {
          const done = each !== 'confirm' && each !== step && !visit.isEmpty(each)
          return (
            <li key={each}>
              <button type="button" aria-current={each === step ? 'step' : undefined} className={done ? css.done : ''} onClick={() => onStep(each)}>
                <span className={css.n}>{done ? <><Icon name="check" small /><span className={parts.sr}>{say('done')}</span></> : index + 1}</span>{say(`step.${each}`)}
              </button>
            </li>
          )
        })}
      </ol>
      <div className={css.draft}>
        {visit.resumedFrom !== null && step === 'vitals' && (asking ? (
          <>
            <button type="button" className={`${parts.btn} ${parts.quiet}`} onClick={() => setAsking(false)}>{say('leave')}</button>
            <button type="button" className={parts.btn} onClick={() => { setAsking(false); void visit.discard() }}>{say('startNewSure')}</button>
          </>
        ) : (
          <><span>{say('resumed', { at: stamp(here(visit.resumedFrom), dates, here(Date.now())) })}</span><button type="button" className={`${parts.btn} ${parts.quiet}`} onClick={() => setAsking(true)}>{say('startNew')}</button></>
        ))}
        {(visit.saving !== 'kept' || visit.resumedFrom === null || step !== 'vitals') && <span className={visit.saving === 'failed' ? css.failed : css.saving} role="status">{saving}</span>}
      </div>
    </nav>
  )
}

interface FormStepProps<K extends KnownKind> {
  kind: K
  patientId: string
  visit: Visit
  now: number
  back: { words: string; go(): void }
  onward: { words: string; go(): void }
}

function FormStep<K extends KnownKind>({ kind, patientId, visit, now, back, onward }: FormStepProps<K>) {
  const vitals = useWords(vitalsWords)
  const settings = useRpc('settings.show', {})
  const context = useFormContext(patientId, kind, now, quoteOf(visit.body('vitals'), vitals))
  const known: (typeof registry)[K] = registry[kind]
  const { Form } = known
  const body: Bodies[K] = visit.body(kind)
  return (
    <Form
      patientId={patientId}
      body={body}
      onChange={(next) => visit.put(kind, next)}
      findings={visit.findings(kind)}
      answers={visit.answers(kind)}
      context={context}
      onward={onward}
      back={back}
      entryId={visit.draftId(kind)}
      keypadSide={settings.data?.keypadSide ?? 'right'}
    />
  )
}
