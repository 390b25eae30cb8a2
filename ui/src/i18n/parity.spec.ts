import { describe, expect, it } from 'vitest'
import { CODES, SYNC_STATES } from '../api/codes'
import { errorWords, syncStateWords } from '../frame/errorWords'
import type { Words } from '../records/useWords'

const files = import.meta.glob<Record<string, unknown>>(['../**/words.ts', '../**/*Words.ts', '!../records/useWords.ts'], { eager: true })
const isWords = (value: unknown): value is Words<string> => typeof value === 'object' && value !== null && 'ns' in value && 'ja' in value && 'en' in value
const all = Object.values(files).flatMap((file) => Object.values(file)).filter(isWords)
const holes = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).toSorted()

describe('words', () => {
  it('are found', () => {
    expect(all.map((each) => each.ns)).toEqual(expect.arrayContaining(['home', 'lock', 'sync', 'error']))
    expect(new Set(all.map((each) => each.ns)).size).toBe(all.length)
  })
  it.each(all.map((each) => [each.ns, each] as const))('%s says the same in both languages', (_, each) => {
    expect(Object.keys(each.en).toSorted()).toEqual(Object.keys(each.ja).toSorted())
    for (const [key, text] of Object.entries(each.ja)) {
      // A unit may be blank, in both languages alike.
      expect(each.en[key] === '', key).toBe(text === '')
      if (!key.startsWith('unit.')) expect(text, key).not.toBe('')
      expect(holes(each.en[key] ?? ''), key).toEqual(holes(text))
    }
  })
  it('has a sentence for every code and every sync state, none of them a code', () => {
    for (const code of CODES) expect(errorWords.ja[code], code).toMatch(/。$/)
    for (const state of SYNC_STATES) expect(syncStateWords.ja[state].length, state).toBeGreaterThan(5)
    for (const text of [...Object.values(errorWords.ja), ...Object.values(syncStateWords.ja)]) expect(text).not.toMatch(/エラー|同期|ステータス/)
  })
})
