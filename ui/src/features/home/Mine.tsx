import { Link } from '@tanstack/react-router'
import type { PatientRow } from '../../api/generated'
import { PatientFacts } from '../../frame/Facts'
import { PatientName } from '../../frame/Name'
import { useWords } from '../../records/useWords'
import css from './home.module.css'
import { homeWords } from './words'

const SHOWN = 12

export function Mine({ patients }: { patients: PatientRow[] }) {
  const say = useWords(homeWords)
  return (
    <section>
      <header className={css.head}><h2>{say('patients', { n: patients.length })}</h2><Link to="/patients" className={css.more}>{say('all')}</Link></header>
      <ul className={css.list}>
        {patients.slice(0, SHOWN).map((patient) => (
          <li key={patient.patientId}>
            <Link to="/patients/$patientId" params={{ patientId: patient.patientId }} className={css.mine}>
              <b><PatientName patient={patient} /></b><PatientFacts patient={patient} />
              {patient.newCount > 0 ? <span className={css.count}>{say('newOnes', { n: patient.newCount })}</span> : null}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}
