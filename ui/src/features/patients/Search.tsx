/** From the first character: kanji, kana of any width, birth date, number. */
import { Link } from '@tanstack/react-router'
import { useDeferredValue, useEffect, useState } from 'react'
import { useRpc } from '../../api/rpc'
import type { PatientRow } from '../../api/generated'
import { PatientFacts, SimilarTag } from '../../frame/Facts'
import { fullName, PatientName } from '../../frame/Name'
import { Refused } from '../../frame/Refused'
import { Empty } from '../../frame/Say'
import { Screen } from '../../frame/Screen'
import { Ring } from '../../records/DeliveryRing'
import { Icon } from '../../records/Icon'
import parts from '../../records/parts.module.css'
import { useWords } from '../../records/useWords'
import { askedFor, askFor } from './asked'
import css from './patients.module.css'
import { patientWords } from './words'

export function Search() {
  const say = useWords(patientWords)
  const [text, setText] = useState(askedFor)
  useEffect(() => askFor(''), [])
  const query = useDeferredValue(text.trim())
  const found = useRpc('patient.search', { query, limit: 100 }, { keep: true })
  const register = <Link to="/register" className={`${parts.btn} ${css.add}`}><Icon name="plus" small /><span>{say('register')}</span></Link>
  return (
    <Screen title={say('title')} tools={register}>
      <div className={css.page}>
        <label className={css.find}><Icon name="search" /><input type="search" value={text} onChange={(event) => setText(event.currentTarget.value)} placeholder={say('find')} aria-label={say('find')} autoComplete="off" spellCheck={false} /></label>
        {found.error ? <Refused refusal={found.error} onAgain={() => void found.refetch()} /> : null}
        {found.data ? <>
          {found.data.total === 0
            ? query ? <Empty title={say('nobody', { query })} action={<Link to="/register" className={parts.btn}>{say('register')}</Link>}>{say('nobodyBody')}</Empty> : <Empty title={say('none')} action={<Link to="/register" className={`${parts.btn} ${parts.act} ${parts.big}`}>{say('register')}</Link>}>{say('noneBody')}</Empty>
            : <p className={css.total} role="status">{say('found', { n: found.data.total })}{found.data.more ? `　${say('more')}` : ''}</p>}
          <ul className={css.list}>{found.data.rows.map((patient) => <li key={patient.patientId}><Row patient={patient} /></li>)}</ul>
        </> : null}
      </div>
    </Screen>
  )
}

function Row({ patient }: { patient: PatientRow }) {
  const say = useWords(patientWords)
  return (
    <Link to="/patients/$patientId" params={{ patientId: patient.patientId }} className={css.row}>
      <span className={css.who}><b><PatientName patient={patient} /></b><span className={css.kana}>{fullName(patient.kana)}</span></span>
      <span className={css.facts}><PatientFacts patient={patient} /><span className={css.kana}>{patient.localIds.map(({ facility, id }) => `${facility} ${id}`).join('　')}</span></span>
      <span className={css.marks}>
        <SimilarTag patient={patient} />
        {patient.newCount > 0 ? <span className={css.count}>{say('newOnes', { n: patient.newCount })}</span> : null}
        {patient.unsentCount > 0 ? <span className={css.here}><Ring have={0} lack={1} />{say('unsent', { n: patient.unsentCount })}</span> : null}
      </span>
    </Link>
  )
}
