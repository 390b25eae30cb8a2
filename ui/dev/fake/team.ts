/** A team with a lost tablet, and what it handed in. */
import type { TeamDevice } from '../../src/api/generated'
import type { Command, Req, Res } from '../../src/api/transport'
import { me, other } from './people'

type Answers = { [N in Command]?: (req: Req<N>) => Res<N> | Promise<Res<N>> }

const miura = other('a7', '三浦 千秋', 'nurse', 'f1', 'なぎさ訪問看護')
const oikawa = other('a8', '及川 薫', 'pt', 'f1', 'なぎさ訪問看護')
const long = other('a9', 'アレクサンドラ・マリア・フェルナンデス・デ・ソウザ', 'nurse', 'f1', 'なぎさ訪問看護')

export function teamAnswers(on: Set<string>, today: (hour: number, minute: number) => { ms: number }): Answers {
  const day = 86_400_000
  const now = today(8, 0).ms
  const device = (deviceId: string, more: Partial<TeamDevice>): TeamDevice => ({ deviceId, admin: false, own: false, since: now - 200 * day, addedBy: me, lastHeardMs: now - 900_000, lacks: 0, removed: null, ...more })
  const staff = [
    { person: me, removed: false, devices: [device('d1', { own: true, admin: true, addedBy: null, since: now - 800 * day }), device('d2', { lacks: 12, lastHeardMs: now - 3 * day })] },
    { person: miura, removed: false, devices: [device('d4', { lastHeardMs: null, lacks: null, since: now - day }), device('d3', { removed: { at: today(7, 30).ms, by: me, reason: 'lost' } })] },
    { person: oikawa, removed: false, devices: [device('d5', { admin: true, lacks: 3 })] },
    ...(on.has('long') ? [{ person: long, removed: false, devices: [device('d6', { lacks: 1284 })] }] : []),
    { person: other('a10', '渡部 敬子', 'nurse', 'f1', 'なぎさ訪問看護'), removed: true, devices: [device('d7', { removed: { at: now - 90 * day, by: me, reason: 'retired' } })] },
  ]
  const entry = (id: string, kind: string, at: number, title: string, draft = false) => ({ id, kind, at, title, draft })
  return {
    'team.show': () => ({ facility: 'なぎさ訪問看護', admin: !on.has('member'), staff, rotations: on.has('late') ? 41 : 0 }),
    'team.remove': () => ({ done: true, refused: null }),
    'intent.list': () => ({ intents: on.has('late') ? [{ id: 1, what: 'remove-device', about: '及川 薫', patientId: null, madeMs: now, refused: null }, { id: 2, what: 'admit', about: '三浦 千秋', patientId: null, madeMs: now, refused: 'unknown_target' }] : [] }),
    'intent.dismiss': () => ({}),
    'space.remove': () => ({ done: true, refused: null }),
    'late.admit': () => ({ done: true, refused: null }),
    'late.list': () => ({ chains: on.has('empty') ? [] : [
      { patientId: 'p-サトウ-ハナコ', patient: '佐藤 花子', deviceId: 'd3', author: miura, items: [
        { dseq: 41, receivedMs: today(7, 31).ms, brings: [entry('e1', 'vitals', now - 5 * 3_600_000, '体温 37.8 ℃、血圧 118/64 mmHg、脈拍 96、SpO₂ 91 %'), entry('e2', 'note', now - 5 * 3_600_000, '夜間の咳がふえたとのこと。右下肺野に湿性ラ音。')], problem: null },
        { dseq: 42, receivedMs: today(7, 31).ms, brings: [entry('e3', 'photo', now - 5 * 3_600_000, '仙骨部')], problem: null },
        { dseq: 43, receivedMs: today(7, 31).ms, brings: [entry('e4', 'note', now - 4 * 3_600_000, '', true)], problem: null },
      ] },
      { patientId: 'p-クドウ-キヨシ', patient: '工藤 清', deviceId: 'd3', author: miura, items: [
        { dseq: 7, receivedMs: today(7, 31).ms, brings: [entry('e5', 'vitals', now - 7 * 3_600_000, '血圧 142/80 mmHg')], problem: null },
        { dseq: 9, receivedMs: today(7, 31).ms, brings: [], problem: 'gap' },
      ] },
    ] }),
  }
}
