/** Values in words: what stands behind the number, what stood there last time. Pure apart from the words. */
import type { MeasureContext } from '../kind'
import type { VitalsBody } from '../bodies'
import { attributeOf, readingsOf, valueOf } from './values'
import { keysOf, wordIn, type FieldId, type VitalField } from './fields'
import type { VitalsSay, VitalsWord } from './findings'

const CODES = ['right', 'left', 'both', 'supine', 'sitting', 'standing', 'regular', 'irregular', 'room-air', 'before-meal', 'after-meal', 'bedtime', 'random', 'exertion', 'movement', 'axilla', 'oral', 'rectal', 'ear', 'forehead'] as const

/** `138/76`, `2＋`, `清明`; empty when there is nothing. */
export function valueText(field: VitalField, body: VitalsBody, say: VitalsSay): string {
  const values = keysOf(field).map((key) => valueOf(body, key))
  if (values.every((value) => value === '')) return ''
  if (field.codes) return codeText(field.id, values[0] ?? '', say)
  const word = wordIn(field, values[0] ?? '')
  if (word) return say(`word.${word}`)
  return values.map((value) => value || '—').join('/')
}

/** The unit; none behind a word. */
export function unitText(field: VitalField, body: VitalsBody, say: VitalsSay): string {
  return wordIn(field, valueOf(body, keysOf(field)[0] ?? '')) ? '' : say(`unit.${field.id}`)
}

/** All measurements of a field in one line; what tells them apart in brackets when there are several: `138/76（右）、132/74（左）`. */
export function readingsText(field: VitalField, body: VitalsBody, say: VitalsSay): string {
  const readings = readingsOf(body, keysOf(field))
  return readings.map((one) => {
    const about = readings.length > 1 ? attributesText(field, one, say) : ''
    return `${valueText(field, one, say)}${about ? `（${about}）` : ''}`
  }).filter(Boolean).join('、')
}

export function codeText(field: FieldId, code: string, say: VitalsSay): string {
  if (field === 'jcs') return code === '0' ? say('jcs.0') : `JCS ${code}`
  return code.replaceAll('+', '＋').replaceAll('-', '−').replace('＋−', '±')
}

/** `右・座位`, `O₂ 1.0 L`, `整`. */
export function attributesText(field: VitalField, body: VitalsBody, say: VitalsSay): string {
  if (field.id === 'spo2') {
    const flow = valueOf(body, 'o2.flow')
    if (flow !== '') return say('flowShort', { flow })
    return attributeOf(body, 'spo2', 'gas') === 'room-air' ? say('attr.room-air') : ''
  }
  const key = keysOf(field)[0] ?? ''
  const attributes = (body.items.find((item) => item.key === key) ?? body.items.find((item) => keysOf(field).includes(item.key)))?.attributes ?? {}
  const shown = Object.entries(attributes).map(([name, code]) => {
    if (name === 'times') return say('attr.times', { n: code })
    const known = CODES.find((each) => each === code)
    return known ? say(`attr.${known}` satisfies VitalsWord) : code
  })
  return shown.join('・')
}

export function lastText(field: VitalField, measures: Partial<Record<string, MeasureContext>>, say: VitalsSay): string {
  const texts = keysOf(field).map((key) => measures[key]?.last?.text)
  if (texts.every((text) => text === undefined)) return ''
  return field.codes ? codeText(field.id, texts[0] ?? '', say) : texts.map((text) => text ?? '—').join('/')
}

/** `36.3〜36.9`, with the places the field has (weight one). */
export function rangeText(field: VitalField, usual: { low: number; high: number }, say: VitalsSay): string {
  const places = Math.min(field.parts[0]?.decimals ?? 0, 1)
  return say('range', { low: usual.low.toFixed(places), high: usual.high.toFixed(places) })
}
