/** A new patient and the chart of the patient. A similar name asks before a second chart of one person is made. */
import { TextInput } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useCall } from '../../api/rpc'
import { Refused } from '../../frame/Refused'
import { Say } from '../../frame/Say'
import { Screen } from '../../frame/Screen'
import parts from '../../records/parts.module.css'
import { useDates } from '../../records/useDates'
import { useWords } from '../../records/useWords'
import { birthDay } from '../../records/when'
import { askFor, lookFor } from './asked'
import { birthText, ERAS, type Era } from './eras'
import css from './patients.module.css'
import { patientWords } from './words'

const SEXES = ['female', 'male', 'other', 'unknown'] as const
const BLANK = { family: '', given: '', familyKana: '', givenKana: '', era: 's' as Era, year: '', month: '', day: '', sex: 'unknown' as (typeof SEXES)[number], address: '', phone: '' }
type Form = typeof BLANK

function identityOf(form: Form, birthDate: string): Record<string, unknown> {
  const kana = form.familyKana || form.givenKana ? { kana: { family: form.familyKana.trim(), given: form.givenKana.trim() } } : {}
  return {
    name: { family: form.family.trim(), given: form.given.trim() }, ...kana, sex: form.sex,
    ...(birthDate ? { birthDate } : {}), ...(form.address.trim() ? { address: form.address.trim() } : {}), ...(form.phone.trim() ? { phone: form.phone.trim() } : {}),
  }
}


export function Register() {
  const say = useWords(patientWords)
  const dates = useDates()
  const go = useNavigate()
  const [form, setForm] = useState(BLANK)
  const register = useCall('patient.register')
  const birth = birthText(form, new Date().getFullYear())
  const ready = form.family.trim() !== '' && form.given.trim() !== '' && birth !== null
  const send = (acceptSimilar: boolean) => {
    if (ready) register.mutate({ identity: identityOf(form, birth), acceptSimilar }, { onSuccess: ({ patientId }) => void go({ to: '/patients/$patientId', params: { patientId } }) })
  }
  const put = <K extends keyof Form>(key: K, value: Form[K]) => { register.reset(); setForm((was) => ({ ...was, [key]: value })) }
  const field = (key: 'family' | 'given' | 'familyKana' | 'givenKana' | 'year' | 'month' | 'day' | 'address' | 'phone', numeric = false) => (
    <TextInput label={say(key)} value={form[key]} onChange={(event) => put(key, event.currentTarget.value)} autoComplete="off" maxLength={120} {...(numeric ? { inputMode: 'numeric' as const } : {})} classNames={{ input: css.input, label: css.label }} />
  )
  const similar = register.error?.code === 'similar_name' ? register.error : null
  return (
    <Screen title={say('register')} back="/patients">
      <form className={css.form} onSubmit={(event) => { event.preventDefault(); send(false) }}>
        <div className={css.two}>{field('family')}{field('given')}{field('familyKana')}{field('givenKana')}</div>
        <fieldset className={css.group}>
          <legend>{say('born')}</legend>
          <div className={css.date}>
            <label className={css.era}><span className={css.label}>{say('era')}</span><select className={css.input} value={form.era} onChange={(event) => { const era = ERAS.find((each) => each.key === event.currentTarget.value); if (era) put('era', era.key) }}>{ERAS.map(({ key }) => <option key={key} value={key}>{say(key)}</option>)}</select></label>
            {field('year', true)}{field('month', true)}{field('day', true)}
          </div>
          <p className={birth === null ? css.bad : css.read} role="status">{birth === null ? say('badDate') : birth ? say('read', { date: birthDay(birth, dates) }) : say('partial')}</p>
        </fieldset>
        <fieldset className={css.group}>
          <legend>{say('sex')}</legend>
          <div className={parts.chips}>{SEXES.map((sex) => <button key={sex} type="button" className={parts.chip} aria-pressed={form.sex === sex} onClick={() => put('sex', sex)}>{say(sex)}</button>)}</div>
        </fieldset>
        {field('address')}{field('phone')}
        {similar ? (
          <Say tone="warn">
            <b>{say('similarTitle', { names: similar.params['names'] ?? '' })}</b><p>{say('similarBody')}</p>
            <div className={css.answers}><Link to="/patients" onClick={() => askFor(lookFor(similar.params['names'] ?? '', form))} className={`${parts.btn} ${parts.big}`}>{say('look')}</Link><button type="button" className={`${parts.btn} ${parts.big}`} disabled={register.isPending} onClick={() => send(true)}>{say('different')}</button></div>
          </Say>
        ) : register.error ? <Refused refusal={register.error} /> : null}
        {similar ? null : <button type="submit" className={`${parts.btn} ${parts.act} ${parts.big}`} disabled={!ready || register.isPending}>{say('submit')}</button>}
        {ready ? null : <p className={css.read}>{say('need')}</p>}
      </form>
    </Screen>
  )
}
