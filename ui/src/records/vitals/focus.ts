/** Where the keypad types, and where it goes next. Pure. */
import { skippedBecause, valueOf } from './values'
import type { VitalsBody } from '../bodies'
import { FLOW, keysOf, type FieldId, type NumberPart, type VitalField } from './fields'

export interface Focus {
  field: FieldId
  /** The measure that is typed. */
  key: string
}

export function focusOn(field: VitalField): Focus {
  return { field: field.id, key: keysOf(field)[0] ?? '' }
}

export function partOf(field: VitalField, key: string): NumberPart | null {
  return key === FLOW.key ? FLOW : (field.parts.find((part) => part.key === key) ?? null)
}

export function isDone(field: VitalField, body: VitalsBody): boolean {
  return skippedBecause(body, keysOf(field)) !== null || keysOf(field).every((key) => valueOf(body, key) !== '')
}

/** The next field without a value, from here on and round once; null when all are done. */
export function nextField(fields: readonly VitalField[], from: FieldId, body: VitalsBody): VitalField | null {
  const at = fields.findIndex((field) => field.id === from)
  const round = [...fields.slice(at + 1), ...fields.slice(0, at)]
  return round.find((field) => !isDone(field, body)) ?? null
}

/** After the present part is full: the second part of the field, or null when the field is finished. */
export function nextPart(field: VitalField, key: string): string | null {
  const at = field.parts.findIndex((part) => part.key === key)
  return at < 0 ? null : (field.parts[at + 1]?.key ?? null)
}
