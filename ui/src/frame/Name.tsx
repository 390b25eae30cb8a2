/** A patient's name, never cut. The characters that differ from a similar name are underlined. */
import type { PatientRow } from '../api/generated'
import css from '../records/parts.module.css'
import { differing } from './differ'

export function fullName(name: { family: string; given: string }): string {
  return [name.family, name.given].filter(Boolean).join(' ')
}

export function Differing({ name, from }: { name: string; from: string | undefined }) {
  if (from === undefined) return <>{name}</>
  return (
    <>
      {differing(name, from).map((piece, place) =>
        piece.differs && piece.text.trim() !== '' ? <span key={`${place}${piece.text}`} className={css.differ}>{piece.text}</span> : piece.text,
      )}
    </>
  )
}

export function PatientName({ patient }: { patient: Pick<PatientRow, 'name' | 'similar'> }) {
  return <Differing name={fullName(patient.name)} from={patient.similar[0]?.name} />
}
