/** A team with a lost tablet, and what it handed in. */
import type { LostGrants, TeamDevice } from '../../src/api/generated'
import { Refusal, type Command, type Req, type Res } from '../../src/api/transport'
import { me, other } from './people'

type Answers = { [N in Command]?: (req: Req<N>) => Res<N> | Promise<Res<N>> }

export const lostNurse = other('a7', '三浦 千秋', 'nurse', 'f1', 'なぎさ訪問看護')
const oikawa = other('a8', '及川 薫', 'pt', 'f1', 'なぎさ訪問看護')
const long = other('a9', 'アレクサンドラ・マリア・フェルナンデス・デ・ソウザ', 'nurse', 'f1', 'なぎさ訪問看護')

export function teamAnswers(on: Set<string>, today: (hour: number, minute: number) => { ms: number }): Answers {
  const day = 86_400_000
  const now = today(8, 0).ms
  const device = (deviceId: string, more: Partial<TeamDevice>): TeamDevice => ({ deviceId, admin: false, own: false, since: now - 200 * day, addedBy: me, lastHeardMs: now - 900_000, lacks: 0, removed: null, ...more })
  const staff = [
    { person: me, removed: false, devices: [device('d1', { own: true, admin: true, addedBy: null, since: now - 800 * day }), device('d2', { lacks: 12, lastHeardMs: now - 3 * day })] },
    { person: lostNurse, removed: false, devices: [device('d4', { lastHeardMs: null, lacks: null, since: now - day }), device('d3', { removed: { at: today(7, 30).ms, by: me, reason: 'lost' } })] },
    { person: oikawa, removed: false, devices: [device('d5', { admin: true, lacks: 3 })] },
    ...(on.has('long') ? [{ person: long, removed: false, devices: [device('d6', { lacks: 1284 })] }] : []),
    { person: other('a10', '渡部 敬子', 'nurse', 'f1', 'なぎさ訪問看護'), removed: true, devices: [device('d7', { removed: { at: now - 90 * day, by: me, reason: 'retired' } })] },
  ]
  const entry = (id: string, kind: string, at: number, title: string, draft = false) => ({ id, kind, at, title, draft })
  const asked = (): LostGrants[] => [
      { patientId: 'p-サトウ-ハナコ', patient: '佐藤 花子', deviceId: 'd3', person: lostNurse, removedAt: today(7, 30).ms, reason: 'lost', confirmedBy: null, grants: [
        { what: 'member', facilityId: 'f6', facility: 'みなと訪問リハビリ', role: 'reader', at: now - 2 * day, void: false },
        { what: 'role', facilityId: 'f2', facility: 'しおかぜ内科クリニック', role: 'writer', at: now - 5 * day, void: false },
        { what: 'admit', facilityId: 'f1', facility: 'なぎさ訪問看護', role: null, at: now - 30 * day, void: false },
      ] },
      { patientId: 'p-サトウ-ハナコ', patient: '佐藤 花子', deviceId: 'd8', person: oikawa, removedAt: now - 40 * day, reason: 'compromised', confirmedBy: null, grants: [{ what: 'member', facilityId: 'f9', facility: 'はまなす訪問介護', role: 'writer', at: now - 41 * day, void: true }] },
      { patientId: 'p-クドウ-キヨシ', patient: '工藤 清', deviceId: 'd3', person: lostNurse, removedAt: today(7, 30).ms, reason: 'lost', confirmedBy: null, grants: [{ what: 'member', facilityId: 'f3', facility: 'ひより薬局', role: 'writer', at: now - 9 * day, void: false }] },
  ]
  const decided = { done: !on.has('offline') && !on.has('refused'), refused: on.has('refused') ? 'role_too_low' : null }
  return {
    'team.show': () => ({ facility: 'なぎさ訪問看護', admin: !on.has('member'), staff, rotations: on.has('late') ? 41 : 0 }),
    'team.remove': () => {
      if (on.has('unsent')) throw new Refusal('refused', { field: 'device', reason: 'unsent', n: '3' })
      if (on.has('no-admin')) throw new Refusal('not_allowed', { reason: 'no_admin' })
      return decided
    },
    'intent.list': () => ({ intents: on.has('late') ? [{ id: 1, what: 'remove-device', about: '及川 薫', patientId: null, madeMs: now, refused: null }, { id: 2, what: 'admit', about: '三浦 千秋', patientId: 'p-クドウ-キヨシ', madeMs: now, refused: 'unknown_target' }, { id: 3, what: 'add-member', about: 'みなと訪問リハビリ', patientId: 'p-サトウ-ハナコ', madeMs: now, refused: null }, { id: 4, what: 'set-role', about: 'ひより薬局', patientId: 'p-サトウ-ハナコ', madeMs: now, refused: 'role_too_low' }] : [] }),
    'intent.dismiss': () => ({}),
    'space.remove': () => decided,
    'space.role': () => decided,
    'space.add': () => decided,
    'space.candidates': () => ({ facilities: on.has('empty') ? [] : [
      { facilityId: 'c1', facility: 'あかり居宅介護支援', facilityType: 5, code: '' },
      ...(on.has('long') ? [{ facilityId: 'c9', facility: '社会福祉法人南浜あおぞら福祉会 地域密着型小規模多機能ホームこもれび・訪問介護ステーション南浜', facilityType: 7, code: '' }] : []),
      { facilityId: 'c2', facility: 'かえで歯科', facilityType: 2, code: '' },
      { facilityId: 'c3', facility: 'はまなす訪問介護', facilityType: 7, code: '' },
      { facilityId: 'c4', facility: 'みなと訪問リハビリ', facilityType: 11, code: '' },
      { facilityId: 'c5', facility: '南浜市民病院', facilityType: 0, code: '' },
    ] }),
    'grant.confirm': () => ({}),
    'grant.list': ({ patientId }) => ({ asked: !on.has('grants') ? [] : asked().filter((each) => !patientId || each.patientId === patientId) }),
    'sync.faults': () => ({ faults: on.has('fault') ? [
      { patientId: 'p-サトウ-ハナコ', at: today(7, 40).ms, madeBy: other('a2', '佐伯 亮一', 'physician', 'f2', 'しおかぜ内科クリニック'), facilities: ['なぎさ訪問看護'], here: true, owed: true },
      { patientId: 'p-クドウ-キヨシ', at: today(7, 50).ms, madeBy: me, facilities: ['ひより薬局'], here: false, owed: false },
    ] : [] }),
    'late.admit': () => decided,
    'late.list': () => ({ chains: on.has('empty') ? [] : [
      { patientId: 'p-サトウ-ハナコ', patient: '佐藤 花子', deviceId: 'd3', author: lostNurse, items: [
        { dseq: 41, receivedMs: today(7, 31).ms, brings: [entry('e1', 'vitals', now - 5 * 3_600_000, '体温 37.8 ℃、血圧 118/64 mmHg、脈拍 96、SpO₂ 91 %'), entry('e2', 'note', now - 5 * 3_600_000, '夜間の咳がふえたとのこと。右下肺野に湿性ラ音。')], problem: null },
        { dseq: 42, receivedMs: today(7, 31).ms, brings: [entry('e3', 'photo', now - 5 * 3_600_000, '仙骨部')], problem: null },
        { dseq: 43, receivedMs: today(7, 31).ms, brings: [entry('e4', 'note', now - 4 * 3_600_000, '', true)], problem: null },
      ] },
      { patientId: 'p-クドウ-キヨシ', patient: '工藤 清', deviceId: 'd3', author: lostNurse, items: [
        { dseq: 7, receivedMs: today(7, 31).ms, brings: [entry('e5', 'vitals', now - 7 * 3_600_000, '血圧 142/80 mmHg')], problem: null },
        { dseq: 9, receivedMs: today(7, 31).ms, brings: [], problem: 'gap' },
      ] },
    ] }),
  }
}
