/** Correcting: the kind's own form with the old body in it, then the reason. The old version stays. */
import { useEffect, useState } from 'react'
import type { ErrorBody, Finding, Instant, TimelineEntry } from '../../api/generated'
import { useCall } from '../../api/rpc'
import { Refused } from '../../frame/Refused'
import type { Bodies, KnownKind } from '../../records/bodies'
import { Icon } from '../../records/Icon'
import parts from '../../records/parts.module.css'
import { isKnown, registry } from '../../records/registry'
import { useDates } from '../../records/useDates'
import { useWords } from '../../records/useWords'
import { clock, listDay } from '../../records/when'
import { kindWord, recordWords } from '../../records/words'
import { chartWords } from './words'
import css from './chart.module.css'

export function Amend({ entry, now, onClose }: { entry: TimelineEntry; now: Instant; onClose(): void }) {
  return isKnown(entry.kind) ? <AmendKnown tag={entry.kind} entry={entry} now={now} onClose={onClose} /> : null
}

const NO_FINDINGS: readonly Finding[] = []

const same = (a: Finding, b: Finding) => a.code === b.code && a.field === b.field

/** What `entry.amend` stopped at, as the finding it is. */
function findingOf({ code, params }: ErrorBody): Finding | null {
  const { field, reason } = params
  if (field === undefined || reason === undefined) return null
  if (code === 'unanswered_findings') return { severity: 'ask', code: reason, field, params }
  return code === 'refused' ? { severity: 'refuse', code: reason, field, params } : null
}

function AmendKnown<K extends KnownKind>({ tag, entry, now, onClose }: { tag: K; entry: TimelineEntry; now: Instant; onClose(): void }) {
  const say = useWords(chartWords)
  const record = useWords(recordWords)
  const dates = useDates()
  const kind: (typeof registry)[K] = registry[tag]
  const [body, setBody] = useState<Bodies[K]>(() => kind.parse(entry.body) ?? kind.empty())
  const [step, setStep] = useState<'form' | 'reason'>('form')
  const [reason, setReason] = useState('')
  const [findings, setFindings] = useState<readonly Finding[]>(NO_FINDINGS)
  const [given, setGiven] = useState<readonly Finding[]>(NO_FINDINGS)
  const amend = useCall('entry.amend')
  const tidy = kind.tidy(body)
  const unchanged = JSON.stringify(tidy) === JSON.stringify(kind.parse(entry.body))
  const { Form, Summary } = kind
  /** The checks ask here as they do at a visit: back to the form, where the question stands beside its value. */
  const ask = (refusal: ErrorBody) => {
    const finding = findingOf(refusal)
    if (!finding) return
    setFindings((old) => [...old.filter((one) => !same(one, finding)), finding])
    setStep('form')
  }
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => { if (event.key === 'Escape') onClose() }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [onClose])
  return (
    <section className={css.whole} role="dialog" aria-modal="true" aria-label={say('amend')}>
      <header className={css.wholeHead}>
        <button type="button" className={parts.iconBtn} aria-label={say('cancel')} onClick={onClose}><Icon name="close" /></button>
        <h2>{say('amend')}　{kindWord(record, entry.kind)} {listDay(entry.at, dates, now)} {clock(entry.at)}</h2>
      </header>
      {step === 'form' ? (
        <Form
          patientId={entry.patientId}
          body={body}
          onChange={(next) => { setBody(next); setFindings(NO_FINDINGS); setGiven(NO_FINDINGS) }}
          findings={findings}
          answers={{ has: (finding) => given.some((one) => same(one, finding)), give: (more) => setGiven((old) => [...old, ...more]) }}
          context={{ measures: {}, last: null, quote: '' }}
          onward={{ words: say('toReason'), go: () => setStep('reason') }}
          back={{ words: say('cancel'), go: onClose }}
          keypadSide="right"
        />
      ) : (
        <form className={css.wholeBody} onSubmit={(event) => { event.preventDefault(); amend.mutate({ patientId: entry.patientId, entryId: entry.id, body: tidy, reason: reason.trim(), accepted: given.map(({ code, field }) => ({ code, field })) }, { onSuccess: onClose, onError: ask }) }}>
          <Summary body={tidy} before={kind.parse(entry.body)} entryId={entry.id} />
          <label>{say('amendWhy')}<input className={parts.field} autoFocus autoComplete="off" value={reason} placeholder={say('reasonHint')} onChange={(event) => setReason(event.target.value)} /></label>
          <p className={parts.meta}>{unchanged ? say('unchanged') : reason.trim() ? say('amendNote') : say('reasonNeeded')}</p>
          {amend.error && <Refused refusal={amend.error} />}
          <div className={css.detailFoot}>
            <button type="button" className={`${parts.btn} ${parts.big}`} onClick={() => setStep('form')}>{say('cancel')}</button>
            <button type="submit" className={`${parts.btn} ${parts.big} ${parts.act}`} disabled={unchanged || reason.trim() === '' || amend.isPending}>{say('amendDo')}</button>
          </div>
        </form>
      )}
    </section>
  )
}
