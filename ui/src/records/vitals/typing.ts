/** The keypad: text in, text out. It refuses keys that cannot belong to the number; it never changes a value by itself. */
import type { NumberPart } from './fields'

export type Key = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '.' | 'erase'

export interface Typed {
  text: string
  /** No further digit fits, so the next field may follow without a tap. */
  full: boolean
}

export function press(text: string, key: Key, part: NumberPart): Typed {
  if (key === 'erase') return typed(text.slice(0, -1), part)
  if (key === '.') return typed(part.decimals > 0 && text !== '' && !text.includes('.') ? `${text}.` : text, part)
  return typed(fits(text + key, part) ? text + key : text, part)
}

/** What came by keyboard, paste or an input method: full-width figures and signs become plain ones. Null when it is no number. */
export function enter(raw: string, part: NumberPart): string | null {
  const text = normaliseNumber(raw)
  return text === '' || fits(text, part) ? text : null
}

/** `３６．５` → `36.5`. A comma between figures that cannot be thousands is a point; others are dropped. */
export function normaliseNumber(raw: string): string {
  const plain = raw.normalize('NFKC').replace(/[。．､、]/g, '.').trim()
  if (/^\d+,\d{1,2}$/.test(plain)) return plain.replace(',', '.')
  return plain.replace(/,/g, '')
}

/** What is stored: a point without figures behind it is dropped. Digits stay as typed (`36.50` is not `36.5`). */
export function tidy(text: string): string {
  return text.endsWith('.') ? text.slice(0, -1) : text
}

function typed(text: string, part: NumberPart): Typed {
  return { text, full: isFull(text, part) }
}

function fits(text: string, part: NumberPart): boolean {
  const match = /^(\d+)(\.(\d*))?$/.exec(text)
  if (!match) return false
  const [, whole = '', point, decimals = ''] = match
  return whole.length <= part.whole && (point === undefined || part.decimals > 0) && decimals.length <= part.decimals
}

function isFull(text: string, part: NumberPart): boolean {
  const [whole = '', decimals] = text.split('.')
  if (part.decimals === 0) return whole.length === part.whole
  // Weights are read to one or two places, so only one place fills a field that has one.
  return part.decimals === 1 && decimals?.length === 1
}
