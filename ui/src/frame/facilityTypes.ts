/** What a facility is, by its number in the directory. */
import { words, type Say } from '../records/useWords'

export const facilityWords = words(
  'facility',
  { t0: '病院', t1: '診療所', t2: '歯科診療所', t3: '薬局', t4: '訪問看護', t5: '居宅介護支援', t6: '地域包括支援センター', t7: '訪問介護', t8: '通所介護・通所リハビリ', t9: '介護老人保健施設', t10: '特別養護老人ホーム', t11: '訪問リハビリ', t12: '検査センター', t13: '事務局', t14: 'その他' },
  { t0: 'hospital', t1: 'clinic', t2: 'dental clinic', t3: 'pharmacy', t4: 'visiting nursing', t5: 'care management', t6: 'community support centre', t7: 'home care', t8: 'day care', t9: 'health facility for the elderly', t10: 'nursing home', t11: 'home rehabilitation', t12: 'laboratory', t13: 'office', t14: 'other' },
)

export function facilityType(say: Say<keyof typeof facilityWords.ja>, type: number): string {
  const key = `t${type}`
  return say(key in facilityWords.ja ? (key as keyof typeof facilityWords.ja) : 't14')
}
