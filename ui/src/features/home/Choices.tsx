import { Link } from '@tanstack/react-router'
import type { PatientRow } from '../../api/generated'
import { PatientName } from '../../frame/Name'
import { Icon } from '../../records/Icon'
import { useWords } from '../../records/useWords'
import css from './home.module.css'
import { homeWords } from './words'

/** Fields with two values at once: only a person can say which one holds. */
export function Choices({ patients, fields }: { patients: PatientRow[]; fields: number }) {
  const say = useWords(homeWords)
  if (fields === 0) return null
  return (
    <section>
      <header className={css.head}><h2>{say('choices', { n: fields })}</h2></header>
      <ul className={`${css.list} ${css.choices}`}>
        {patients.filter((patient) => patient.conflicts > 0).map((patient) => (
          <li key={patient.patientId}>
            <Link to="/patients/$patientId/conflicts" params={{ patientId: patient.patientId }} className={css.choice}>
              <Icon name="alert" /><b className={css.grow}><PatientName patient={patient} /></b><span>{say('twoValues', { n: patient.conflicts })}</span><Icon name="next" small />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}
