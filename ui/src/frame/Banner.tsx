/** Whose chart it is: name, kana, age, sex, birth date with 和暦, marks. Never scrolls, never cuts a name. */
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { PatientHeader } from '../api/generated'
import { Icon } from '../records/Icon'
import parts from '../records/parts.module.css'
import { useDates } from '../records/useDates'
import { useWords } from '../records/useWords'
import { ageAt, birthDay } from '../records/when'
import css from './frame.module.css'
import { SimilarTag } from './Facts'
import { fullName, PatientName } from './Name'
import { useNow } from './useClock'
import { frameWords } from './words'

export function Banner({ patient, end, back = '/' }: { patient: PatientHeader; end: ReactNode; back?: string }) {
  const say = useWords(frameWords)
  const dates = useDates()
  const age = ageAt(patient.birthDate, useNow())
  const birth = birthDay(patient.birthDate, dates)
  return (
    <header className={css.banner}>
      <div className={css.bannerLeft}>
        <Link to={back} className={css.back} aria-label={say('back')}><Icon name="back" /></Link>
        <span className={css.face} aria-hidden="true"><svg viewBox="0 0 60 60"><path fill="currentColor" opacity=".55" d="M30 12c7 0 11.500 5 11.500 11.500 0 4.500-2.300 8.800-5.500 11v3.200l12.500 5.300c3.500 1.500 5.500 4.500 5.500 8.500V60H6v-8.500c0-4 2-7 5.500-8.500L24 37.700v-3.200c-3.200-2.200-5.500-6.500-5.500-11C18.500 17 23 12 30 12z" /></svg></span>
      </div>
      <div className={css.who}>
        <h1><PatientName patient={patient} /></h1>
        <span className={css.kana}>{fullName(patient.kana)}</span>
        <span className={css.facts}>
          {age === null ? say('ageUnknown') : say('age', { n: age })} {say(patient.sex)} <span className={css.mute}>{birth ? say('born', { date: birth }) : say('bornUnknown')}</span>
        </span>
      </div>
      <div className={css.marks}>
        <SimilarTag patient={patient} />
        {patient.conflicts > 0 ? <Link to="/patients/$patientId/conflicts" params={{ patientId: patient.patientId }} className={`${parts.tag} ${parts.tagWarn} ${css.markLink}`}>{say('conflicts', { n: patient.conflicts })}</Link> : null}
        {patient.struck.length > 0 ? <Link to="/patients/$patientId/struck" params={{ patientId: patient.patientId }} className={`${parts.tag} ${parts.tagWarn} ${css.markLink}`}>{say('struck', { n: patient.struck.length })}</Link> : null}
        {patient.thresholds.length > 0 ? <span className={parts.tag}>{say('threshold', { n: patient.thresholds.length })}</span> : null}
      </div>
      <div className={css.ends}>{end}</div>
    </header>
  )
}
