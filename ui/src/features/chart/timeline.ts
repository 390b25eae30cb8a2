/** The timeline as flat rows: a heading per day, entries, and one mark where my last visit was. Pure. */
import type { Instant, Ms, TimelineEntry } from '../../api/generated'
import { dayNumber } from '../../records/when'

export type Row =
  | { type: 'day'; key: string; at: Instant }
  | { type: 'mark'; key: string; at: Instant }
  | { type: 'entry'; key: string; entry: TimelineEntry; first: boolean; last: boolean }

/** Newest first, as the command gives them. */
export function rowsOf(entries: readonly TimelineEntry[], now: Instant): Row[] {
  const mark = myLastVisit(entries, now)
  const rows: Row[] = []
  entries.forEach((entry, index) => {
    const day = dayNumber(entry.at)
    const before = entries[index - 1]
    const after = entries[index + 1]
    const opens = !before || dayNumber(before.at) !== day
    if (opens && mark && dayNumber(mark) === day) rows.push({ type: 'mark', key: 'mark', at: mark })
    if (opens) rows.push({ type: 'day', key: `day-${day}-${entry.id}`, at: entry.at })
    rows.push({ type: 'entry', key: entry.id, entry, first: opens, last: !after || dayNumber(after.at) !== day })
  })
  return rows
}

/** When I last wrote on an earlier day than today. */
export function myLastVisit(entries: readonly TimelineEntry[], now: Instant): Instant | null {
  const mine = entries.find((entry) => entry.author.isMe && dayNumber(entry.at) < dayNumber({ ms: now.ms, zoneMin: entry.at.zoneMin }))
  return mine?.at ?? null
}

/** The chart was read with what came after it and without it, or it comes from a removed device. */
export function isLate(entry: TimelineEntry): boolean {
  return entry.status === 'late' || entry.arrivedLate === true
}

export interface NewsLine {
  kind: string
  entries: TimelineEntry[]
}

/** What is new since I last looked, one line per kind, the kind with the newest entry first; late ones have their own line. */
export function newsOf(entries: readonly TimelineEntry[]): NewsLine[] {
  const lines = new Map<string, TimelineEntry[]>()
  for (const entry of entries) {
    if (!entry.isNew || entry.author.isMe) continue
    const key = isLate(entry) ? 'late' : entry.kind
    lines.set(key, [...(lines.get(key) ?? []), entry])
  }
  return [...lines].map(([kind, group]) => ({ kind, entries: group }))
}

/** Up to which clinical time everything shown has been seen. */
export function newestAt(entries: readonly TimelineEntry[]): Ms {
  return entries.reduce((newest, entry) => Math.max(newest, entry.at.ms), 0)
}

/** Entries of all pages once each: a page may begin with the last line of the one before when something arrived in between. */
export function joinPages(pages: readonly { entries: readonly TimelineEntry[] }[]): TimelineEntry[] {
  const seen = new Set<string>()
  return pages.flatMap((page) => page.entries.filter((entry) => !seen.has(entry.id) && seen.add(entry.id)))
}
