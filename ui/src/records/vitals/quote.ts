/** Vitals in one line, to be read beside a note: `体温 36.8 血圧 138/76 SpO₂ 91（O₂ 1.0 L）`. */
import type { VitalsBody } from '../bodies'
import { FIELDS, keysOf } from './fields'
import type { VitalsSay } from './findings'
import { attributesText, readingsText, valueText } from './show'
import { readingsOf } from './values'

export function quoteOf(body: VitalsBody, say: VitalsSay): string {
  return valuesOf(body, say).join('　')
}

const LINE_MOST = 4

/** The first values; the rest is told by a sign. */
export function lineOfVitals(body: VitalsBody, say: VitalsSay): string {
  const values = valuesOf(body, say)
  return values.slice(0, LINE_MOST).join('　') + (values.length > LINE_MOST ? '　…' : '')
}

function valuesOf(body: VitalsBody, say: VitalsSay): string[] {
  return FIELDS.flatMap((field) => {
    const several = readingsOf(body, keysOf(field)).length > 1
    const value = several ? readingsText(field, body, say) : valueText(field, body, say)
    const about = several ? '' : attributesText(field, body, say)
    return value ? [`${say(`name.${field.id}`)} ${value}${about ? `（${about}）` : ''}`] : []
  })
}
