/** Vitals read: label over value; what a correction replaced stands struck through before it; hatch where nothing was measured. */
import type { VitalsBody } from '../bodies'
import type { SummaryProps } from '../kind'
import { useWords } from '../useWords'
import { FIELDS, fieldOf, keysOf, type VitalField } from './fields'
import type { VitalsSay } from './findings'
import { attributesText, readingsText, unitText, valueText } from './show'
import { readingsOf, skippedBecause } from './values'
import { vitalsWords } from './words'
import css from './vitals.module.css'
import parts from '../parts.module.css'

export function VitalsSummary({ body, before }: SummaryProps<VitalsBody>) {
  const say = useWords(vitalsWords)
  const shown = FIELDS.filter((field) => known(field, body) || (before && known(field, before)))
  const others = body.items.filter((item) => !fieldOf(item.key))
  return (
    <>
      <dl className={css.vrow}>
        {shown.map((field) => <Measure key={field.id} field={field} body={body} before={before ?? null} say={say} />)}
        {others.map((item) => <div key={item.key}><dt>{otherName(item.key, say)}</dt><dd><b>{item.value}</b></dd></div>)}
      </dl>
      {body.remark && <p className={css.remark}>{body.remark}</p>}
    </>
  )
}

function known(field: VitalField, body: VitalsBody): boolean {
  return keysOf(field).some((key) => body.items.some((item) => item.key === key)) || skippedBecause(body, keysOf(field)) !== null
}

function Measure({ field, body, before, say }: { field: VitalField; body: VitalsBody; before: VitalsBody | null; say: VitalsSay }) {
  const skipped = skippedBecause(body, keysOf(field))
  const readings = readingsOf(body, keysOf(field))
  const old = before ? textOf(field, before, say) : null
  const now = skipped ? say(`reason.${skipped}`) : readingsText(field, body, say)
  const family = body.items.some((item) => keysOf(field).includes(item.key) && item.source === 'family')
  return (
    <div>
      <dt>{say(`name.${field.id}`)}{family && <span className={css.kin}>{say('family')}</span>}</dt>
      <dd>
        {old !== null && old !== now && <del>{old || '—'}</del>}
        {skipped ? (
          <span className={parts.hatch}><span>{say(`reason.${skipped}`)}</span></span>
        ) : readings[0] ? (
          <Reading field={field} body={readings[0]} say={say} />
        ) : (
          <b>—</b>
        )}
      </dd>
      {skipped ? null : readings.slice(1).map((one, at) => <dd key={at}><Reading field={field} body={one} say={say} /></dd>)}
    </div>
  )
}

function textOf(field: VitalField, body: VitalsBody, say: VitalsSay): string {
  const skipped = skippedBecause(body, keysOf(field))
  return skipped ? say(`reason.${skipped}`) : readingsText(field, body, say)
}

function Reading({ field, body, say }: { field: VitalField; body: VitalsBody; say: VitalsSay }) {
  return (
    <>
      <b>{valueText(field, body, say) || '—'}</b>
      <span className={css.u}>{[unitText(field, body, say), attributesText(field, body, say)].filter(Boolean).join('　')}</span>
    </>
  )
}

const OTHERS = ['height', 'gcs', 'acvpu', 'o2.fio2', 'o2.flow'] as const

function otherName(key: string, say: VitalsSay): string {
  const known = OTHERS.find((each) => each === key)
  return known ? say(`measure.${known}`) : key
}
