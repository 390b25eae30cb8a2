/** The four parts of a note, and taking text over from last time so that it always shows. */
import { isObject, textOf, type NoteBody } from '../bodies'

export type Part = 's' | 'o' | 'a' | 'p'
export const PARTS: readonly Part[] = ['s', 'o', 'a', 'p']

export const EMPTY_NOTE: NoteBody = { s: '', o: '', a: '', p: '' }

export function parseNote(body: unknown): NoteBody | null {
  if (!isObject(body) || !PARTS.some((part) => typeof body[part] === 'string')) return null
  const copiedFrom = typeof body.copiedFrom === 'string' ? { copiedFrom: body.copiedFrom } : {}
  const copied = Array.isArray(body.copiedParts) ? inOrder(body.copiedParts) : []
  return { s: textOf(body.s), o: textOf(body.o), a: textOf(body.a), p: textOf(body.p), ...copiedFrom, ...(copied.length > 0 ? { copiedParts: copied } : {}) }
}

/** Each once, as the note is stored. */
function inOrder(parts: readonly unknown[]): Part[] {
  return PARTS.filter((part) => parts.includes(part))
}

export function isEmptyNote(body: NoteBody): boolean {
  return PARTS.every((part) => body[part].trim() === '')
}

export function tidyNote(body: NoteBody): NoteBody {
  const parts = { s: body.s.trim(), o: body.o.trim(), a: body.a.trim(), p: body.p.trim() }
  if (!body.copiedFrom) return parts
  if (!body.copiedParts) return { ...parts, copiedFrom: body.copiedFrom }
  // What was taken over and emptied again was not taken over.
  const copied = inOrder(body.copiedParts).filter((part) => parts[part] !== '')
  return copied.length > 0 ? { ...parts, copiedFrom: body.copiedFrom, copiedParts: copied } : parts
}

/** A phrase at the end of a part, on a line of its own unless the part is empty or ends a sentence. */
export function withPhrase(body: NoteBody, part: Part, phrase: string): NoteBody {
  const old = body[part].trimEnd()
  return { ...body, [part]: old === '' ? phrase : `${old}${/[。.!?！？]$/.test(old) ? '' : '\n'}${phrase}` }
}

/** Takes a part over from an earlier note; the note remembers which one. */
export function copiedForward(body: NoteBody, part: Part, from: NoteBody, entryId: string): NoteBody {
  const before = body.copiedFrom === entryId ? (body.copiedParts ?? []) : []
  return { ...body, [part]: from[part], copiedFrom: entryId, copiedParts: inOrder([...before, part]) }
}

/** Whether a part still stands as it stood in the note it was taken from. */
export function isCopied(body: NoteBody, part: Part, from: NoteBody | null, entryId: string | undefined): boolean {
  return from !== null && body.copiedFrom !== undefined && body.copiedFrom === entryId && body[part] !== '' && body[part].trim() === from[part].trim()
}
