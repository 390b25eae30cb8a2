import { Link } from '@tanstack/react-router'
import type { PatientRow, TimelineEntry, Unsent as Kept, Waiting } from '../../api/generated'
import { fullName, PatientName } from '../../frame/Name'
import { useNow } from '../../frame/useClock'
import { Ring } from '../../records/DeliveryRing'
import { Seal } from '../../records/Seal'
import parts from '../../records/parts.module.css'
import { professionWord } from '../../records/professions'
import { useDates } from '../../records/useDates'
import { useLang, useWords } from '../../records/useWords'
import { useLine } from '../../records/line'
import { stamp } from '../../records/when'
import { kindWord, recordWords } from '../../records/words'
import css from './home.module.css'
import { homeWords } from './words'

const SHOWN = 6

export function News({ news, patients }: { news: TimelineEntry[]; patients: PatientRow[] }) {
  const say = useWords(homeWords)
  const kinds = useWords(recordWords)
  const lang = useLang()
  const dates = useDates()
  const now = useNow()
  const lineOf = useLine()
  const nameOf = (id: string) => patients.find((each) => each.patientId === id)
  return (
    <section>
      <header className={css.head}><h2>{say('news', { n: news.length })}</h2></header>
      {news.length === 0 ? <p className={css.quiet}>{say('noNews')}</p> : null}
      <ul className={css.list}>
        {news.slice(0, SHOWN).map((entry) => {
          const patient = nameOf(entry.patientId)
          return (
            <li key={entry.id}>
              <Link to="/patients/$patientId" params={{ patientId: entry.patientId }} className={css.mail}>
                <Seal person={entry.author} />
                <span className={css.grow}>
                  <b>{lineOf(entry) || kindWord(kinds, entry.kind)}</b>
                  <span className={css.meta}><i className={parts.dot} />{entry.author.name} {professionWord(entry.author.profession, lang)}　{patient ? fullName(patient.name) : ''}</span>
                </span>
                <time className={css.meta}>{stamp(entry.at, dates, now)}</time>
              </Link>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

/** Dashed, because nothing of it is anywhere else. */
export function Unsent({ unsent, waiting }: { unsent: Kept[]; waiting: Waiting }) {
  const say = useWords(homeWords)
  const kinds = useWords(recordWords)
  const total = waiting.unsent + waiting.drafts
  if (total === 0) return null
  return (
    <section>
      <header className={css.head}><h2>{say('unsent', { n: total })}</h2><Link to="/sync" className={css.more}>{say('reach')}</Link></header>
      <ul className={`${css.list} ${css.dashed}`}>
        {unsent.map(({ patient, entries, drafts }) => (
          <li key={patient.patientId}>
            <Link to="/patients/$patientId" params={{ patientId: patient.patientId }} className={css.mail}>
              <span className={css.ring}><Ring have={0} lack={1} /></span>
              <span className={css.grow}>
                <b><PatientName patient={patient} /></b>
                <span className={css.meta}>{[...entries.slice(0, 2).map((entry) => entry.title || kindWord(kinds, entry.kind)), entries.length > 2 ? `＋${entries.length - 2}` : '', drafts.length > 0 ? say('drafts', { n: drafts.length }) : ''].filter(Boolean).join('　')}</span>
              </span>
              <b className={css.figure}>{entries.length + drafts.length}</b>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}
