/** The body of vitals, read and changed one value at a time. Every function gives a new body. */
import { isObject, instantOf, NOT_MEASURED_REASONS, textOf, type NotMeasured, type NotMeasuredReason, type Source, type VitalsBody, type VitalValue } from '../bodies'
import { tidy } from './typing'

export const EMPTY: VitalsBody = { items: [], notMeasured: [], remark: '' }

const SOURCES: readonly Source[] = ['manual', 'device', 'family', 'import']

/** Null when this is no body of vitals; unknown keys and sources survive. */
export function parseVitals(body: unknown): VitalsBody | null {
  if (!isObject(body) || !Array.isArray(body.items)) return null
  const items: VitalValue[] = body.items.filter(isObject).map((item) => ({
    key: textOf(item.key),
    value: textOf(item.value),
    attributes: attributesOf(item.attributes),
    source: SOURCES.find((source) => source === item.source) ?? 'manual',
  }))
  const skipped = Array.isArray(body.notMeasured) ? body.notMeasured.filter(isObject) : []
  const notMeasured = skipped.flatMap((item): NotMeasured[] => {
    const reason = NOT_MEASURED_REASONS.find((known) => known === item.reason)
    return reason ? [{ key: textOf(item.key), reason }] : []
  })
  const measuredAt = instantOf(body.measuredAt)
  return { ...(measuredAt ? { measuredAt } : {}), items, notMeasured, remark: textOf(body.remark) }
}

function attributesOf(value: unknown): Record<string, string> {
  if (!isObject(value)) return {}
  return Object.fromEntries(Object.entries(value).flatMap(([key, text]) => (typeof text === 'string' ? [[key, text]] : [])))
}

export function valueOf(body: VitalsBody, key: string): string {
  return body.items.find((item) => item.key === key)?.value ?? ''
}

export function attributeOf(body: VitalsBody, key: string, name: string): string {
  return body.items.find((item) => item.key === key)?.attributes[name] ?? ''
}

/** The body once for each measurement of these keys: a key may stand several times, told apart by attributes (both arms, a repeated pressure, both feet). Empty when nothing was measured. */
export function readingsOf(body: VitalsBody, keys: readonly string[]): VitalsBody[] {
  const mine = body.items.filter((item) => keys.includes(item.key))
  if (mine.length === 0) return []
  // A single systolic value and its diastolic one belong together, whatever the attributes.
  if (keys.every((key) => mine.filter((item) => item.key === key).length <= 1)) return [body]
  const groups = new Map<string, VitalValue[]>()
  for (const item of mine) {
    const about = JSON.stringify(Object.entries(item.attributes).toSorted())
    groups.set(about, [...(groups.get(about) ?? []), item])
  }
  const others = body.items.filter((item) => !keys.includes(item.key))
  return [...groups.values()].map((items) => ({ ...body, items: [...items, ...others] }))
}

/** The body with one of the measurements of these keys alone, so that it is read like a single one. */
export function readingAt(body: VitalsBody, keys: readonly string[], nth: number): VitalsBody {
  return readingsOf(body, keys)[nth] ?? body
}

/** Changes one of the measurements of these keys and leaves the others as they are. */
export function changeReading(body: VitalsBody, keys: readonly string[], nth: number, change: (one: VitalsBody) => VitalsBody): VitalsBody {
  const all = readingsOf(body, keys)
  const one = all[nth]
  if (all.length < 2 || !one) return change(body)
  const next = change(one)
  const mine = (each: VitalsBody) => each.items.filter((item) => keys.includes(item.key))
  return { ...next, items: [...next.items.filter((item) => !keys.includes(item.key)), ...all.flatMap((each) => mine(each === one ? next : each))] }
}

/** What tells a second measurement from the first: its turn, or the other side. */
export type Again = 'times' | 'side'

const OTHER_SIDE: Readonly<Record<string, string>> = { right: 'left', left: 'right' }

/** A second measurement can be begun: there is one, complete, and (where sides differ) it says of which side it is. */
export function canRepeat(body: VitalsBody, keys: readonly string[], again: Again | undefined): boolean {
  if (again === undefined || readingsOf(body, keys).length !== 1 || keys.some((key) => valueOf(body, key) === '')) return false
  return again === 'times' || attributeOf(body, keys[0] ?? '', 'side') in OTHER_SIDE
}

/** Begins a second measurement behind the first, with its place still empty. The halves of a pressure get the same attributes. */
export function withSecond(body: VitalsBody, keys: readonly string[], again: Again): VitalsBody {
  const mine = body.items.filter((item) => keys.includes(item.key))
  const attributes: Record<string, string> = Object.assign({}, ...mine.map((item) => item.attributes))
  const first = again === 'times' ? { ...attributes, times: '1' } : attributes
  const second = again === 'times' ? { ...attributes, times: '2' } : { ...attributes, side: OTHER_SIDE[attributes.side ?? ''] ?? '' }
  const begun = keys.map((key): VitalValue => ({ key, value: '', attributes: second, source: 'manual' }))
  return { ...body, items: [...body.items.map((item) => (mine.includes(item) ? { ...item, attributes: first } : item)), ...begun] }
}

export function skippedBecause(body: VitalsBody, keys: readonly string[]): NotMeasuredReason | null {
  return body.notMeasured.find((item) => keys.includes(item.key))?.reason ?? null
}

/** An empty value takes the item away; a value takes "not measured" away. */
export function withValue(body: VitalsBody, key: string, value: string): VitalsBody {
  const old = body.items.find((item) => item.key === key)
  if (value === '' && !(old && Object.keys(old.attributes).length > 0)) {
    return { ...body, items: body.items.filter((item) => item !== old) }
  }
  const item: VitalValue = old ? { ...old, value } : { key, value, attributes: {}, source: 'manual' }
  return {
    ...body,
    items: old ? body.items.map((each) => (each === old ? item : each)) : [...body.items, item],
    notMeasured: body.notMeasured.filter((each) => each.key !== key),
  }
}

export function withAttribute(body: VitalsBody, key: string, name: string, value: string): VitalsBody {
  const old = body.items.find((item) => item.key === key) ?? { key, value: '', attributes: {}, source: 'manual' as const }
  const attributes = { ...old.attributes, [name]: value }
  if (value === '') delete attributes[name]
  const item: VitalValue = { ...old, attributes }
  const others = body.items.filter((each) => each.key !== key)
  return { ...body, items: body.items.includes(old) ? body.items.map((each) => (each === old ? item : each)) : [...others, item] }
}

/** SpO₂ was measured in room air (no flow) or with oxygen. */
export function withGas(body: VitalsBody, gas: 'room-air' | 'oxygen', flow: string): VitalsBody {
  const next = withAttribute(body, 'spo2', 'gas', gas)
  return withValue(next, 'o2.flow', gas === 'room-air' ? '' : flow)
}

export function withNotMeasured(body: VitalsBody, keys: readonly string[], reason: NotMeasuredReason | null): VitalsBody {
  const notMeasured = body.notMeasured.filter((item) => !keys.includes(item.key))
  if (reason === null) return { ...body, notMeasured }
  const gone = keys.includes('spo2') ? [...keys, 'o2.flow'] : keys
  return {
    ...body,
    items: body.items.filter((item) => !gone.includes(item.key)),
    notMeasured: [...notMeasured, ...keys.map((key) => ({ key, reason }))],
  }
}

/** What is sent: no half-typed points, no attributes without a value, no first time without a second. */
export function tidyVitals(body: VitalsBody): VitalsBody {
  const items = body.items.filter((item) => item.value !== '').map((item) => ({ ...item, value: tidy(item.value) }))
  return { ...body, items: items.map((item) => (item.attributes.times === '1' && !items.some((other) => other.key === item.key && other !== item) ? { ...item, attributes: without(item.attributes, 'times') } : item)) }
}

function without(attributes: Record<string, string>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).filter(([each]) => each !== name))
}

export function isEmptyVitals(body: VitalsBody): boolean {
  return body.items.every((item) => item.value === '') && body.notMeasured.length === 0 && body.remark.trim() === ''
}
