/** Whose chart it is, in a few words, wherever the banner does not stand above. */
import { useRpc } from '../api/rpc'
import { useWords } from '../records/useWords'
import { PatientName } from './Name'
import { frameWords } from './words'

/** Stands where the name goes: a name carries underlines, words do not. */
const HERE = '\u0000'

/** `name` stands until more is known. */
export function Whose({ patientId, name }: { patientId: string; name?: string }) {
  const say = useWords(frameWords)
  const { data: patient } = useRpc('patient.show', { patientId })
  if (!patient) return name ? <span>{say('chartOf', { patient: name })}</span> : null
  const [before, after] = say('chartOf', { patient: HERE }).split(HERE)
  return <span>{before}<PatientName patient={patient} />{after}</span>
}
