/** An entry in full: both times, who has it, its versions; and correcting or withdrawing it with a reason. */
import { useState } from 'react'
import type { Instant, TimelineEntry } from '../../api/generated'
import { useCall, useRpc } from '../../api/rpc'
import { Dialog } from '../../frame/Dialog'
import { Refused } from '../../frame/Refused'
import { Whose } from '../../frame/Whose'
import { DeliveryRing } from '../../records/DeliveryRing'
import { Icon } from '../../records/Icon'
import parts from '../../records/parts.module.css'
import { isKnown } from '../../records/registry'
import { Seal } from '../../records/Seal'
import { useDates } from '../../records/useDates'
import { useLang, useWords } from '../../records/useWords'
import { clock, here, listDay, stamp } from '../../records/when'
import { kindWord, recordWords } from '../../records/words'
import { Amend } from './Amend'
import { EntryBody } from './EntryBody'
import { authorText, StruckLine, Tags } from './EntryCard'
import { Strike } from './Strike'
import { chartWords } from './words'
import css from './chart.module.css'

interface Props {
  patientId: string
  entry: TimelineEntry
  now: Instant
  onClose(): void
  onOpenPhoto(entryId: string): void
}

export function EntryDetail({ patientId, entry: asked, now, onClose, onOpenPhoto }: Props) {
  const say = useWords(chartWords)
  const record = useWords(recordWords)
  const lang = useLang()
  const dates = useDates()
  const [doing, setDoing] = useState<'reading' | 'amending' | 'voiding' | 'striking'>('reading')
  const detail = useRpc('chart.entry', { patientId, entryId: asked.id })
  const entry = detail.data?.entry ?? asked
  const versions = detail.data?.versions ?? []
  const older = versions.filter((version) => version.id !== entry.id).toReversed()
  const closed = entry.status === 'voided' || entry.status === 'struck' || entry.status === 'amended'
  const members = useRpc('space.members', { patientId })
  const mayStrike = members.data?.manager === true && entry.receivedAt !== null && entry.status !== 'struck' && entry.status !== 'amended'
  if (doing === 'amending') return <Amend entry={entry} now={now} onClose={() => setDoing('reading')} />
  return (
    <Dialog labelledBy="entry-title" leave={say('close')} className={css.dialog} onLeave={onClose}>
      <header className={css.detailHead}>
        <Seal person={entry.author} />
        <div>
          <p className={parts.label}><Whose patientId={patientId} /></p>
          <h2 id="entry-title">{kindWord(record, entry.kind)}　{listDay(entry.at, dates, now)} {clock(entry.at)}</h2>
          <p className={parts.label}>{authorText(entry, record, lang)}</p>
        </div>
        <button type="button" className={parts.iconBtn} aria-label={say('close')} onClick={onClose}><Icon name="close" /></button>
      </header>
      <div className={css.tags}><Tags entry={entry} say={record} now={now} /></div>
      <div className={closed ? css.gone : ''}><EntryBody entry={entry} before={entry.amends && entry.status !== 'voided' ? (older[0] ?? null) : null} onOpenPhoto={onOpenPhoto} /></div>
      {entry.status === 'struck' && <StruckLine entry={entry} now={now} />}
      {entry.reason && entry.status !== 'struck' && <p className={css.after}>{closed ? record('withdrawnLine', { reason: entry.reason }) : record('correctedLine', { reason: entry.reason })}</p>}
      <dl className={css.facts}>
        <dt>{say('written')}</dt><dd>{stamp(entry.writtenAt, dates, now)}</dd>
        <dt>{say('received')}</dt><dd>{entry.receivedAt === null ? say('notReceived') : stamp(here(entry.receivedAt), dates, now)}　<DeliveryRing delivery={entry.delivery} /></dd>
        <dt>{say('have')}</dt><dd>{entry.delivery.have.join(lang === 'ja' ? '、' : ', ') || say('nobody')}</dd>
        <dt>{say('lack')}</dt><dd>{entry.delivery.lack.join(lang === 'ja' ? '、' : ', ') || say('nobody')}</dd>
      </dl>
      {older.length > 0 && (
        <section className={css.versions}>
          <h3>{say('versions')}</h3>
          {older.map((version) => (
            <div key={version.id} className={css.version}>
              <p className={parts.meta}>{say('version', { n: versions.findIndex((each) => each.id === version.id) + 1 })}　{stamp(version.writtenAt, dates, now)}　{authorText(version, record, lang)}{version.reason ? `　${record('reason')}：${version.reason}` : ''}</p>
              <EntryBody entry={version} />
            </div>
          ))}
        </section>
      )}
      {doing === 'voiding' ? <Withdraw entry={entry} onCancel={() => setDoing('reading')} onDone={onClose} /> : doing === 'striking' ? <Strike entry={entry} onCancel={() => setDoing('reading')} onDone={onClose} /> : (
        <footer className={css.detailFoot}>
          {mayStrike && <button type="button" className={`${parts.btn} ${parts.quiet} ${css.strike}`} onClick={() => setDoing('striking')}>{say('strike')}</button>}
          <button type="button" className={parts.btn} disabled={closed} onClick={() => setDoing('voiding')}>{say('void')}</button>
          <button type="button" className={parts.btn} disabled={closed || entry.unknownKind || !isKnown(entry.kind)} onClick={() => setDoing('amending')}><Icon name="pen" small />{say('amend')}</button>
          {closed && <span className={parts.meta}>{say('closed')}</span>}
        </footer>
      )}
    </Dialog>
  )
}

function Withdraw({ entry, onCancel, onDone }: { entry: TimelineEntry; onCancel(): void; onDone(): void }) {
  const say = useWords(chartWords)
  const [reason, setReason] = useState('')
  const withdraw = useCall('entry.void')
  return (
    <form className={css.reason} onSubmit={(event) => { event.preventDefault(); withdraw.mutate({ patientId: entry.patientId, entryId: entry.id, reason: reason.trim() }, { onSuccess: onDone }) }}>
      <label>{say('voidWhy')}<input className={parts.field} autoComplete="off" value={reason} placeholder={say('reasonHint')} onChange={(event) => setReason(event.target.value)} /></label>
      <p className={parts.meta}>{reason.trim() ? say('voidNote') : say('reasonNeeded')}</p>
      {withdraw.error && <Refused refusal={withdraw.error} />}
      <div className={css.detailFoot}>
        <button type="button" className={parts.btn} onClick={onCancel}>{say('cancel')}</button>
        <button type="submit" className={parts.btn} disabled={reason.trim() === '' || withdraw.isPending}>{say('voidDo')}</button>
      </div>
    </form>
  )
}
