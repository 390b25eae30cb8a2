/** A birth date as people say it (era and year, parts may be unknown) into `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. */
export const ERAS = [
  { key: 'seireki', first: 1, last: 9999, add: 0, from: 0, to: 99_991_231 },
  { key: 'r', first: 1, last: 99, add: 2018, from: 20_190_501, to: 99_991_231 },
  { key: 'h', first: 1, last: 31, add: 1988, from: 19_890_108, to: 20_190_430 },
  { key: 's', first: 1, last: 64, add: 1925, from: 19_261_225, to: 19_890_107 },
  { key: 't', first: 1, last: 15, add: 1911, from: 19_120_730, to: 19_261_224 },
  { key: 'm', first: 6, last: 45, add: 1867, from: 18_730_101, to: 19_120_729 },
] as const

export type Era = (typeof ERAS)[number]['key']

export interface SpokenDate {
  era: Era
  year: string
  month: string
  day: string
}

const plain = (text: string): string => text.normalize('NFKC').trim()
const two = (n: number): string => String(n).padStart(2, '0')

/** Empty text when nothing was entered; null when there is no such date, in the calendar or in the era. */
export function birthText({ era, year, month, day }: SpokenDate, thisYear: number): string | null {
  const [y, m, d] = [plain(year), plain(month), plain(day)]
  if (!y && !m && !d) return ''
  const known = ERAS.find((each) => each.key === era)
  if (!known || !/^\d{1,4}$/.test(y === '元' ? '1' : y) || (d && !m)) return null
  const inEra = y === '元' ? 1 : Number(y)
  const full = inEra + known.add
  if (inEra < known.first || inEra > known.last || full < 1873 || full > thisYear) return null
  if (!m) return String(full)
  if (!/^\d{1,2}$/.test(m) || Number(m) < 1 || Number(m) > 12) return null
  if (!d) return `${full}-${two(Number(m))}`
  const date = new Date(Date.UTC(full, Number(m) - 1, Number(d)))
  if (!/^\d{1,2}$/.test(d) || date.getUTCMonth() !== Number(m) - 1 || date.getUTCDate() !== Number(d)) return null
  const number = full * 10_000 + Number(m) * 100 + Number(d)
  return number >= known.from && number <= known.to ? `${full}-${two(Number(m))}-${two(Number(d))}` : null
}
