/** A value of current state in words, for two of them to be compared. Pure apart from the words. */
import { isObject, textOf } from '../../records/bodies'
import type { Say } from '../../records/useWords'
import type { conflictWords } from './words'

export type ConflictSay = Say<keyof typeof conflictWords.ja>

const FIELDS = ['name', 'kana', 'birthDate', 'sex', 'address', 'phone', 'limit'] as const
const SEXES = ['male', 'female', 'other', 'unknown'] as const

export function fieldWord(field: string, say: ConflictSay): string {
  if (field.startsWith('localId')) return say('field.localId')
  const known = FIELDS.find((each) => each === field)
  return known ? say(`field.${known}`) : say('field.other', { field })
}

/** A limit stands with its unit. */
export function valueText(field: string, value: unknown, say: ConflictSay, unit = ''): string {
  if (typeof value === 'string') {
    const sex = field === 'sex' ? SEXES.find((each) => each === value) : undefined
    return sex ? say(sex) : value || say('empty')
  }
  if (!isObject(value)) return value === null || value === undefined ? say('empty') : String(value)
  if ('family' in value) return [textOf(value.family), textOf(value.given)].filter(Boolean).join(' ')
  const limits = [textOf(value.low) && say('low', { value: withUnit(textOf(value.low), unit) }), textOf(value.high) && say('high', { value: withUnit(textOf(value.high), unit) }), textOf(value.reason)]
  return limits.filter(Boolean).join('　') || say('empty')
}

/** `58.0 kg`, held together by a no-break space; signs follow at once. */
function withUnit(value: string, unit: string): string {
  return /^[A-Za-z]/.test(unit) ? `${value}\u00a0${unit}` : `${value}${unit}`
}
