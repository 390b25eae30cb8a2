/** One entry in the timeline: time, seal, kind, author and facility, where it is, what it says, what happened to it. */
import type { Instant, PersonRef, TimelineEntry } from '../../api/generated'
import { useRpc } from '../../api/rpc'
import { DeliveryRing } from '../../records/DeliveryRing'
import { Icon } from '../../records/Icon'
import parts from '../../records/parts.module.css'
import { isFamily, professionWord } from '../../records/professions'
import { Seal } from '../../records/Seal'
import { useDates } from '../../records/useDates'
import { useLang, useWords, type Lang, type Say } from '../../records/useWords'
import { clock, here, stamp } from '../../records/when'
import { kindWord, recordWords } from '../../records/words'
import { EntryBody } from './EntryBody'
import { isLate } from './timeline'
import { chartWords } from './words'
import css from './chart.module.css'

export type RecordSay = Say<keyof typeof recordWords.ja>

interface Props {
  entry: TimelineEntry
  first: boolean
  last: boolean
  now: Instant
  onOpen(entry: TimelineEntry): void
  onOpenPhoto(entryId: string): void
}

export function EntryCard({ entry, first, last, now, onOpen, onOpenPhoto }: Props) {
  const say = useWords(recordWords)
  const chart = useWords(chartWords)
  const lang = useLang()
  const dates = useDates()
  const before = useBefore(entry)
  const family = isFamily(entry.author.profession)
  const look = [css.entry, first ? css.first : '', last ? css.lastOfDay : '', family ? css.kin : '', entry.delivery.state === 'only-here' ? css.here : '', entry.status === 'pending' ? css.ask : ''].join(' ')
  const word = kindWord(say, entry.kind)
  return (
    <article className={look} data-entry={entry.id} aria-label={chart('entryOf', { kind: word, at: stamp(entry.at, dates, now) })}>
      <time dateTime={new Date(entry.at.ms).toISOString()}>{clock(entry.at)}</time>
      <Seal person={entry.author} />
      <div className={css.body}>
        <header>
          <h3><button type="button" className={css.open} onClick={() => onOpen(entry)}>{entry.isNew && <><i className={parts.dot} /><span className={parts.sr}>{say('isNew')}</span></>}{word}</button></h3>
          <span className={css.by}>{authorText(entry, say, lang)}</span>
          <Tags entry={entry} say={say} now={now} />
          <span className={css.got}><DeliveryRing delivery={entry.delivery} /></span>
        </header>
        <div className={entry.status === 'voided' || entry.status === 'struck' ? css.gone : ''}>
          <EntryBody entry={entry} before={before} onOpenPhoto={onOpenPhoto} />
        </div>
        <Aftermath entry={entry} say={say} now={now} />
      </div>
    </article>
  )
}

/** The version a correction replaced. */
function useBefore(entry: TimelineEntry): TimelineEntry | null {
  const versions = useRpc('chart.entry', { patientId: entry.patientId, entryId: entry.id }, { enabled: entry.amends !== null && entry.status !== 'voided' })
  const list = versions.data?.versions ?? []
  const at = list.findIndex((version) => version.id === entry.id)
  return at > 0 ? (list[at - 1] ?? null) : null
}

export function authorText(entry: TimelineEntry, say: RecordSay, lang: Lang): string {
  const behalf = entry.onBehalfOf ? `（${say('forOther', { name: entry.onBehalfOf.name })}）` : ''
  return `${personText(entry.author, say, lang)}${behalf}`
}

export function personText(person: PersonRef, say: RecordSay, lang: Lang): string {
  if (isFamily(person.profession)) return say('familyWrote', { name: person.name })
  if (person.isMe) return `${say('you')}　${person.facility}`
  const name = person.name || say('nameUnknown')
  return `${name} ${professionWord(person.profession, lang)}　${person.facility}`
}

export function Tags({ entry, say, now }: { entry: TimelineEntry; say: RecordSay; now: Instant }) {
  const dates = useDates()
  return (
    <>
      {isLate(entry) && entry.receivedAt !== null && <span className={`${parts.tag} ${parts.tagLate}`}><Icon name="clock" small />{say('late', { at: stamp(here(entry.receivedAt), dates, now) })}</span>}
      {entry.status === 'tampered' && <span className={`${parts.tag} ${parts.tagWarn}`}><Icon name="alert" small />{say('tampered')}</span>}
      {entry.status === 'pending' && <span className={`${parts.tag} ${parts.tagWarn}`}>{say('pending')}</span>}
      {entry.status === 'struck' && <span className={parts.tag}>{say('struck')}</span>}
      {entry.status === 'voided' && <span className={parts.tag}>{say('withdrawn')}</span>}
    </>
  )
}

/** Who struck it through, when and why. */
export function StruckLine({ entry, now }: { entry: TimelineEntry; now: Instant }) {
  const say = useWords(chartWords)
  const dates = useDates()
  const { strike } = entry
  if (!strike) return null
  return <p className={css.after}>{say('struckBy', { name: strike.by?.name || say('someManager'), at: stamp(here(strike.at), dates, now) })}{strike.reason ? `　${say(`strike.${strike.reason}`)}` : ''}</p>
}

function Aftermath({ entry, say, now }: { entry: TimelineEntry; say: RecordSay; now: Instant }) {
  const reason = entry.reason || say('noReason')
  if (entry.status === 'struck') return <StruckLine entry={entry} now={now} />
  if (entry.status === 'voided') return <p className={css.after}>{say('withdrawnLine', { reason })}</p>
  if (entry.amends) return <p className={css.after}>{say('correctedLine', { reason })}</p>
  return null
}
