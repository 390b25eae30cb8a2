/** Today as a thread: filled = written, the next one opened, later ones below. */
import { Link } from '@tanstack/react-router'
import type { Today } from '../../api/generated'
import { PatientName, fullName } from '../../frame/Name'
import { Empty } from '../../frame/Say'
import { PatientFacts, SimilarTag } from '../../frame/Facts'
import { Icon } from '../../records/Icon'
import { Ring } from '../../records/DeliveryRing'
import parts from '../../records/parts.module.css'
import { useWords } from '../../records/useWords'
import { clock } from '../../records/when'
import css from './home.module.css'
import { homeWords } from './words'

export function Round({ today }: { today: Today[] }) {
  const say = useWords(homeWords)
  const next = today.find((stop) => !stop.done)
  return (
    <section>
      <header className={css.head}><h2>{say('today', { n: today.length, done: today.filter((stop) => stop.done).length })}</h2></header>
      {today.length === 0 ? <Empty title={say('noToday')} action={<Link to="/patients" className={parts.btn}>{say('choose')}</Link>}>{say('noTodayBody')}</Empty> : null}
      <ol className={css.round}>
        {today.map((stop) => (
          <li key={stop.patient.patientId} className={`${css.stop} ${stop.done ? css.done : ''} ${stop === next ? css.now : ''}`}>
            <time>{stop.at ? clock(stop.at) : '—'}</time>
            <span className={css.knot} />
            {stop === next ? <Next stop={stop} /> : <Row stop={stop} />}
          </li>
        ))}
      </ol>
    </section>
  )
}

function Row({ stop: { patient, unsent } }: { stop: Today }) {
  const say = useWords(homeWords)
  return (
    <Link to="/patients/$patientId" params={{ patientId: patient.patientId }} className={css.row}>
      <span className={css.grow}>
        <span className={css.line}><span className={css.name}><PatientName patient={patient} /></span><span className={css.kana}>{fullName(patient.kana)}</span></span>
        <PatientFacts patient={patient} />
      </span>
      {unsent > 0 ? <span className={css.here}><Ring have={0} lack={1} />{say('unsentN', { n: unsent })}</span> : patient.newCount > 0 ? <span className={css.count}>{say('newOnes', { n: patient.newCount })}</span> : null}
    </Link>
  )
}

function Next({ stop: { patient, drafts } }: { stop: Today }) {
  const say = useWords(homeWords)
  return (
    <article className={css.next}>
      <div className={css.line}><h3><PatientName patient={patient} /></h3><span className={css.kana}>{fullName(patient.kana)}</span><PatientFacts patient={patient} /></div>
      <div className={css.marks}><SimilarTag patient={patient} />{drafts > 0 ? <span className={parts.tag}><Icon name="pen" small />{say('drafts', { n: drafts })}</span> : null}{patient.newCount > 0 ? <span className={css.count}>{say('newOnes', { n: patient.newCount })}</span> : null}</div>
      <footer>
        <Link to="/patients/$patientId" params={{ patientId: patient.patientId }} className={`${parts.btn} ${parts.big}`}>{say('read')}</Link>
        <Link to="/patients/$patientId/visit" params={{ patientId: patient.patientId }} className={`${parts.btn} ${parts.big} ${parts.act}`}>{say(drafts > 0 ? 'goOn' : 'visit')}</Link>
      </footer>
    </article>
  )
}
