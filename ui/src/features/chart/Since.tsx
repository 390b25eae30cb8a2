/** What is new since I last looked: one line per kind, as of when, and who is silent. Gone once I say that I saw it. */
import type { Instant, TimelineEntry } from '../../api/generated'
import { useCall, useRpc } from '../../api/rpc'
import { Icon } from '../../records/Icon'
import parts from '../../records/parts.module.css'
import { useDates } from '../../records/useDates'
import { useLang, useWords } from '../../records/useWords'
import { DAY_MS, here, listDay, shortDay, stamp } from '../../records/when'
import { useLine } from '../../records/line'
import { kindWord, recordWords } from '../../records/words'
import { myLastVisit, newestAt, newsOf } from './timeline'
import { chartWords } from './words'
import css from './chart.module.css'

interface Props {
  patientId: string
  entries: readonly TimelineEntry[]
  now: Instant
  onOpen(entry: TimelineEntry): void
}

export function Since({ patientId, entries, now, onOpen }: Props) {
  const say = useWords(chartWords)
  const record = useWords(recordWords)
  const lang = useLang()
  const lineOf = useLine()
  const dates = useDates()
  const seen = useCall('chart.seen')
  const sync = useRpc('sync.status', {})
  const members = useRpc('space.members', { patientId })
  const news = newsOf(entries)
  if (news.length === 0) return null
  const count = news.reduce((sum, line) => sum + line.entries.length, 0)
  const visit = myLastVisit(entries, now)
  const received = sync.data?.lastReceivedMs ?? null
  const silent = (members.data?.teams ?? []).flatMap((team) => {
    const heard = Math.max(...team.devices.map((device) => device.lastHeardMs ?? 0), 0)
    const lacking = team.devices.some((device) => !device.person.isMe)
    return lacking && heard > 0 && now.ms - heard > DAY_MS ? [say('silent', { facility: team.facility, day: shortDay(here(heard), dates, now) })] : []
  })
  return (
    <section className={css.since}>
      <header>
        <div>
          <h2>{visit ? say('sinceVisit', { day: listDay(visit, dates, now), count }) : say('sinceNone', { count })}</h2>
          <p>{received === null ? say('knownNever') : say('known', { at: stamp(here(received), dates, now) })}{silent.join(lang === 'ja' ? '、' : ', ')}</p>
        </div>
        <button type="button" className={`${parts.btn} ${parts.quiet}`} disabled={seen.isPending} onClick={() => seen.mutate({ patientId, upTo: newestAt(entries) })}><Icon name="check" small />{say('seen')}</button>
      </header>
      <ul>
        {news.map((line) => {
          const [first] = line.entries
          if (!first) return null
          return (
            <li key={line.kind}>
              <button type="button" onClick={() => onOpen(first)}>
                <span className={css.k}><i className={parts.dot} />{line.kind === 'late' ? say('late') : kindWord(record, line.kind)}{line.entries.length > 1 ? ` ${line.entries.length}` : ''}</span>
                <span>{lineOf(first)}<small>{first.author.name}　{stamp(first.at, dates, now)}</small></span>
              </button>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
