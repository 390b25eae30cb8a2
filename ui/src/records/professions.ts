/** Professions (vocabulary C.3): the kanji of the seal, and the word beside the name. */
import type { Lang } from './useWords'

interface Profession {
  seal: string
  letter: string
  ja: string
  en: string
}

const p = (seal: string, letter: string, ja: string, en: string): Profession => ({ seal, letter, ja, en })

const PROFESSIONS: Record<string, Profession> = {
  physician: p('医', 'Dr', '医師', 'physician'),
  dentist: p('歯', 'De', '歯科医師', 'dentist'),
  pharmacist: p('薬', 'Ph', '薬剤師', 'pharmacist'),
  phn: p('保', 'PN', '保健師', 'public health nurse'),
  midwife: p('助', 'Mw', '助産師', 'midwife'),
  nurse: p('看', 'N', '看護師', 'nurse'),
  anurse: p('看', 'N', '准看護師', 'assistant nurse'),
  pt: p('リ', 'PT', '理学療法士', 'physiotherapist'),
  ot: p('リ', 'OT', '作業療法士', 'occupational therapist'),
  st: p('リ', 'ST', '言語聴覚士', 'speech therapist'),
  dietitian: p('栄', 'Di', '管理栄養士', 'dietitian'),
  dh: p('歯', 'DH', '歯科衛生士', 'dental hygienist'),
  mt: p('検', 'MT', '臨床検査技師', 'medical technologist'),
  rt: p('放', 'RT', '診療放射線技師', 'radiographer'),
  ce: p('工', 'CE', '臨床工学技士', 'clinical engineer'),
  cm: p('ケ', 'CM', 'ケアマネジャー', 'care manager'),
  scm: p('ケ', 'CM', '主任ケアマネジャー', 'senior care manager'),
  csw: p('相', 'SW', '社会福祉士', 'social worker'),
  psw: p('相', 'SW', '精神保健福祉士', 'psychiatric social worker'),
  msw: p('相', 'SW', '医療ソーシャルワーカー', 'medical social worker'),
  ccw: p('介', 'CW', '介護福祉士', 'care worker'),
  helper: p('介', 'H', '訪問介護員', 'home helper'),
  equip: p('具', 'Eq', '福祉用具専門相談員', 'equipment adviser'),
  sodan: p('相', 'SW', '相談支援専門員', 'support adviser'),
  chiiki: p('包', 'CC', '地域包括支援センター職員', 'community centre staff'),
  ahaki: p('鍼', 'Ac', 'あん摩・はり・きゅう師', 'acupuncturist'),
  judo: p('柔', 'JT', '柔道整復師', 'judo therapist'),
  gov: p('行', 'Go', '行政', 'public office'),
  ems: p('救', 'E', '救急隊', 'ambulance'),
  clerk: p('事', 'Cl', '事務', 'clerk'),
  admin: p('局', 'Ad', '地域事務局', 'regional office'),
  vendor: p('保', 'V', '保守', 'maintenance'),
  family: p('家', 'F', '家族', 'family'),
  self: p('本', 'Me', '本人', 'the person'),
}

/** An institution or feed: no person's code. */
const MACHINE: Profession = p('機', 'M', '機器', 'device')

export function profession(code: string): Profession {
  return PROFESSIONS[code] ?? MACHINE
}

export function professionWord(code: string, lang: Lang): string {
  return PROFESSIONS[code] ? profession(code)[lang] : code
}

export function isFamily(code: string): boolean {
  return code === 'family' || code === 'self'
}

export function isPerson(code: string): boolean {
  return code in PROFESSIONS
}
