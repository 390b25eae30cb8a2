/** Invented people, for looking at the screens without the app. */
import type { PatientHeader, PatientRow, PersonRef } from '../../src/api/generated'

export const me: PersonRef = { staffId: 'a1', name: '小野寺 真帆', profession: 'nurse', facilityId: 'f1', facility: 'なぎさ訪問看護', isMe: true }
export const other = (staffId: string, name: string, profession: string, facilityId: string, facility: string): PersonRef => ({ staffId, name, profession, facilityId, facility, isMe: false })
export const doctor = other('a2', '佐伯 亮一', 'physician', 'f2', 'しおかぜ内科クリニック')
export const pharmacist = other('a3', '早坂 恵', 'pharmacist', 'f3', 'ひより薬局')
export const manager = other('a4', '三浦 由紀', 'cm', 'f4', 'あかり居宅介護支援')
export const daughter = other('a5', '佐藤 美咲', 'family', 'f5', '佐藤さんのご家族')

type Sketch = [family: string, given: string, familyKana: string, givenKana: string, birth: string, sex: PatientRow['sex'], newCount: number, unsent: number]
const sketches: Sketch[] = [
  ['佐藤', '花子', 'サトウ', 'ハナコ', '1942-03-14', 'female', 8, 1],
  ['阿部', 'トミ子', 'アベ', 'トミコ', '1938-09-02', 'female', 0, 1],
  ['小松', 'ヨネ', 'コマツ', 'ヨネ', '1931-12-25', 'female', 0, 1],
  ['工藤', '清', 'クドウ', 'キヨシ', '1947-06-30', 'male', 2, 0],
  ['本間', '茂', 'ホンマ', 'シゲル', '1935-04-08', 'male', 1, 0],
  ['佐藤', '華子', 'サトウ', 'カコ', '1950-01-19', 'female', 0, 0],
  ['渋谷', 'ミツ', 'シブヤ', 'ミツ', '1940-11', 'female', 0, 0],
  ['長谷川', 'ミヨ', 'ハセガワ', 'ミヨ', '1944', 'female', 0, 0],
]
const longs: Sketch[] = [
  ['勅使河原', '清右衛門左之助', 'テシガワラ', 'セイエモンサノスケ', '', 'male', 3, 2],
  ['アレクサンドラ・マリア', 'フェルナンデス・デ・ソウザ', 'アレクサンドラマリア', 'フェルナンデスデソウザ', '1936-02-29', 'female', 128, 14],
]

export const patients = (long: boolean): PatientHeader[] => (long ? [...longs, ...sketches] : sketches).map(([family, given, familyKana, givenKana, birthDate, sex, newCount, unsentCount]) => ({
  patientId: `p-${familyKana}-${givenKana}`, name: { family, given }, kana: { family: familyKana, given: givenKana }, birthDate, sex, newCount, unsentCount,
  localIds: [{ facility: 'なぎさ訪問看護', id: `N-${1000 + family.length * 37 + given.length * 11}` }],
  similar: family === '佐藤' ? [given === '花子' ? { patientId: 'p-サトウ-カコ', name: '佐藤 華子' } : { patientId: 'p-サトウ-ハナコ', name: '佐藤 花子' }] : [],
  lastEntryAt: Date.now() - 86_400_000, address: '山形県鶴岡市（架空）', phone: '0235-00-0000', conflicts: 0, struck: [],
  thresholds: given === '花子' ? [{ id: 't1', measure: 'weight', low: null, high: '58.0', reason: '心不全' }] : [],
}))
