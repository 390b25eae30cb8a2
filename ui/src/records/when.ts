/** Dates and times in words. Pure: "now" and the zone are arguments. Times are 24 h without leading zero. */
import type { Instant, Ms } from '../api/generated'
import type { Lang } from './useWords'

export const DAY_MS: Ms = 86_400_000
const WEEK_JA = ['日', '月', '火', '水', '木', '金', '土'] as const
const WEEK_EN = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const
const MONTH_EN = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

interface Parts {
  year: number
  month: number
  day: number
  week: number
  hour: number
  minute: number
}

function parts(at: Instant): Parts {
  const local = new Date(at.ms + at.zoneMin * 60_000)
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    week: local.getUTCDay(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
  }
}

/** The instant in this device's zone. */
export function here(ms: Ms): Instant {
  return { ms, zoneMin: -new Date(ms).getTimezoneOffset() }
}

/** Days since 1970 in the zone of the instant. */
export function dayNumber(at: Instant): number {
  return Math.floor((at.ms + at.zoneMin * 60_000) / DAY_MS)
}

/** `8:20` */
export function clock(at: Instant): string {
  const p = parts(at)
  return `${p.hour}:${String(p.minute).padStart(2, '0')}`
}

/** How days are written: the language, and whether years are those of the era (令和7年) or Western ones. */
export interface Dates {
  lang: Lang
  era: boolean
}

/** `11/24` · `24 Nov`; with the year when it is not this one: `2025/11/24`, `令和7年11月24日`, `24 Nov 2025`, `24 Nov Reiwa 7`. */
export function shortDay(at: Instant, dates: Dates, now: Instant): string {
  const p = parts(at)
  const other = p.year !== parts(now).year
  if (dates.lang === 'en') return `${p.day} ${MONTH_EN[p.month - 1] ?? ''}${other ? ` ${yearText(p, dates)}` : ''}`
  if (!other) return `${p.month}/${p.day}`
  return dates.era ? `${yearText(p, dates)}年${p.month}月${p.day}日` : `${p.year}/${p.month}/${p.day}`
}

/** `11/24（火）` · `Tue 24 Nov` */
export function listDay(at: Instant, dates: Dates, now: Instant): string {
  const p = parts(at)
  if (dates.lang === 'en') return `${WEEK_EN[p.week] ?? ''} ${shortDay(at, dates, now)}`
  return `${shortDay(at, dates, now)}（${WEEK_JA[p.week] ?? ''}）`
}

/** `11月24日（火）` · `Tue 24 Nov` */
export function headingDay(at: Instant, dates: Dates, now: Instant): string {
  const p = parts(at)
  if (dates.lang === 'en') return listDay(at, dates, now)
  const year = p.year !== parts(now).year ? `${yearText(p, dates)}年` : ''
  return `${year}${p.month}月${p.day}日（${WEEK_JA[p.week] ?? ''}）`
}

export function isToday(at: Instant, now: Instant): boolean {
  return dayNumber(at) === dayNumber({ ms: now.ms, zoneMin: at.zoneMin })
}

/** `11/24 8:20`; the time alone on the same day. */
export function stamp(at: Instant, dates: Dates, now: Instant): string {
  return isToday(at, now) ? clock(at) : `${shortDay(at, dates, now)} ${clock(at)}`
}

const ERAS = [
  { from: [2019, 5, 1], ja: '令和', en: 'Reiwa', before: 2018 },
  { from: [1989, 1, 8], ja: '平成', en: 'Heisei', before: 1988 },
  { from: [1926, 12, 25], ja: '昭和', en: 'Showa', before: 1925 },
  { from: [1912, 7, 30], ja: '大正', en: 'Taisho', before: 1911 },
  { from: [1873, 1, 1], ja: '明治', en: 'Meiji', before: 1867 },
] as const

type Day = Pick<Parts, 'year' | 'month' | 'day'>

/** `昭和17`, `令和元`, `Showa 17`; empty before the eras with the present calendar. */
function eraText({ year, month, day }: Day, lang: Lang): string {
  const era = ERAS.find(({ from: [y, m, d] }) => year * 10_000 + month * 100 + day >= y * 10_000 + m * 100 + d)
  if (!era) return ''
  const inEra = year - era.before
  return lang === 'en' ? `${era.en} ${inEra}` : `${era.ja}${inEra === 1 ? '元' : inEra}`
}

function yearText(day: Day, { lang, era }: Dates): string {
  return (era && eraText(day, lang)) || String(day.year)
}

/** `昭和17（1942）年3月14日`, or `1942（昭和17）年3月14日` with Western years first; missing parts of a partial date stay missing. */
export function birthDay(text: string, { lang, era }: Dates): string {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number)
  if (!year) return ''
  const inEra = eraText({ year, month: month || 12, day: day || 31 }, lang)
  const both = inEra === '' ? String(year) : era ? `${inEra}${lang === 'en' ? ` (${year})` : `（${year}）`}` : `${year}${lang === 'en' ? ` (${inEra})` : `（${inEra}）`}`
  if (lang === 'en') return [day || '', MONTH_EN[month - 1] ?? '', both].filter((part) => part !== '').join(' ')
  return `${both}年${month ? `${month}月` : ''}${day ? `${day}日` : ''}`
}

/** Full years at `now`; null when the year is unknown. */
export function ageAt(birth: string, now: Instant): number | null {
  const [year = 0, month = 1, day = 1] = birth.split('-').map(Number)
  if (!year) return null
  const today = parts(now)
  const had = today.month > month || (today.month === month && today.day >= day)
  return today.year - year - (had ? 0 : 1)
}
