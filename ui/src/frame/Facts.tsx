import type { PatientRow } from '../api/generated'
import { Icon } from '../records/Icon'
import parts from '../records/parts.module.css'
import { useDates } from '../records/useDates'
import { useLang, useWords } from '../records/useWords'
import { ageAt, birthDay } from '../records/when'
import css from './frame.module.css'
import { Differing, fullName } from './Name'
import { useNow } from './useClock'
import { frameWords } from './words'

/** Age, sex, birth date with 和暦: beside every name one can choose. */
export function PatientFacts({ patient }: { patient: Pick<PatientRow, 'birthDate' | 'sex'> }) {
  const say = useWords(frameWords)
  const dates = useDates()
  const age = ageAt(patient.birthDate, useNow())
  const birth = birthDay(patient.birthDate, dates)
  return <span className={css.small}>{age === null ? say('ageUnknown') : say('age', { n: age })} {say(patient.sex)}　<span className={css.unbroken}>{birth ? say('born', { date: birth }) : say('bornUnknown')}</span></span>
}

/** Who is easily confused with this patient, the differing characters underlined. */
export function SimilarTag({ patient }: { patient: Pick<PatientRow, 'name' | 'similar'> }) {
  const say = useWords(frameWords)
  const lang = useLang()
  const [first] = patient.similar
  if (!first) return null
  const name = <Differing name={first.name} from={fullName(patient.name)} />
  const more = patient.similar.length > 1 ? ` ＋${patient.similar.length - 1}` : ''
  return <span className={`${parts.tag} ${parts.tagWarn}`}><Icon name="alert" small /><span>{lang === 'ja' ? <>{name}さんと似た名前</> : <>{say('similar')}: {name}</>}{more}</span></span>
}
