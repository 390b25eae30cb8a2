/** What the vitals form asks for: order and shape of the input. No range: ranges are Rust's. */

export interface NumberPart {
  key: string
  /** Most digits before the point that one can type; wide enough to let a slip be seen and asked about. */
  whole: number
  /** Most digits behind the point. */
  decimals: number
}

export interface VitalField {
  id: FieldId
  /** Blood pressure has two, all others one. Empty for codes. */
  parts: readonly NumberPart[]
  /** A field of codes instead of numbers. */
  codes?: { key: string; values: readonly string[] }
  /** Words that may stand in the number's place. */
  words?: readonly ValueWord[]
  /** A second measurement may stand beside the first, told apart by its turn or its side. */
  again?: 'times' | 'side'
  /** Always on the form, or added by a chip. */
  routine: boolean
}

/** What a glucose meter shows beyond its range; how a night was when nobody counted the hours. */
export const VALUE_WORDS = ['HI', 'LO', 'good', 'fair', 'poor'] as const
export type ValueWord = (typeof VALUE_WORDS)[number]

export type FieldId =
  | 'temp' | 'bp' | 'pulse' | 'spo2' | 'rr' | 'weight' | 'glucose' | 'nrs' | 'edema' | 'stool' | 'urine' | 'jcs' | 'meal' | 'fluid' | 'sleep'

const one = (key: string, whole: number, decimals = 0): readonly NumberPart[] => [{ key, whole, decimals }]

/** In the order a nurse measures. */
export const FIELDS: readonly VitalField[] = [
  { id: 'temp', parts: one('temp', 3, 1), routine: true },
  { id: 'bp', parts: [{ key: 'bp.sys', whole: 3, decimals: 0 }, { key: 'bp.dia', whole: 3, decimals: 0 }], again: 'times', routine: true },
  { id: 'pulse', parts: one('pulse', 3), routine: true },
  { id: 'spo2', parts: one('spo2', 3), routine: true },
  { id: 'rr', parts: one('rr', 3), routine: true },
  { id: 'weight', parts: one('weight', 3, 2), routine: true },
  { id: 'glucose', parts: one('glucose', 4), words: ['HI', 'LO'], routine: false },
  { id: 'nrs', parts: one('nrs', 2), routine: false },
  { id: 'edema', parts: [], codes: { key: 'edema', values: ['-', '+-', '+', '++', '+++'] }, again: 'side', routine: false },
  { id: 'stool', parts: one('stool', 2), routine: false },
  { id: 'urine', parts: one('urine.vol', 5), routine: false },
  { id: 'jcs', parts: [], codes: { key: 'jcs', values: ['0', '1', '2', '3', '10', '20', '30', '100', '200', '300'] }, routine: false },
  { id: 'meal', parts: one('intake.meal', 2), routine: false },
  { id: 'fluid', parts: one('intake.fluid', 5), routine: false },
  { id: 'sleep', parts: one('sleep', 2, 1), words: ['good', 'fair', 'poor'], routine: false },
]

/** Oxygen flow is typed inside the SpO₂ field. */
export const FLOW: NumberPart = { key: 'o2.flow', whole: 2, decimals: 2 }

export function keysOf(field: VitalField): string[] {
  return field.codes ? [field.codes.key] : field.parts.map((part) => part.key)
}

/** The field that shows a measure; the flow belongs to SpO₂. */
export function fieldOf(key: string): VitalField | undefined {
  const shown = key.startsWith('o2.') ? 'spo2' : key
  return FIELDS.find((field) => keysOf(field).includes(shown))
}

export const ALL_KEYS: readonly string[] = [...FIELDS.flatMap(keysOf), FLOW.key]

/** The word that stands in the number's place, if one does. */
export function wordIn(field: VitalField, text: string): ValueWord | null {
  return field.words?.find((word) => word === text) ?? null
}
