/** Answers in place of the app, so that screens can be looked at. Development only: the production bundle has no way in. States by name, joined with "+": empty, error, long, dark, en, locked, pin, new, demo, parked, any state of delivery; of decisions: offline, refused, unsent, no-admin. */
import type { Draft, SyncStatus, TimelineEntry } from '../../src/api/generated'
import { Refusal, type Command, type Req, type Res, type Transport } from '../../src/api/transport'
import { SYNC_STATES } from '../../src/api/codes'
import { chartAnswers, keepPicture } from '../chartData'
import { daughter, doctor, manager, me, patients, pharmacist } from './people'
import { lostNurse, teamAnswers } from './team'

type Answers = { [N in Command]?: (req: Req<N>) => Res<N> | Promise<Res<N>> }

export function fakeTransport(states: string): Transport {
  const on = new Set(states.split(/[+ ]/))
  const answers = makeAnswers(on)
  return {
    async call<N extends Command>(name: N, req: Req<N>) {
      const answer = answers[name]
      if (on.has('error') && !['profile.status', 'settings.show', 'sync.status'].includes(name)) throw new Refusal('storage')
      if (!answer) throw new Refusal('unknown_command')
      return (await answer(req)) as Res<N>
    },
    putBlob: keepPicture,
  }
}

function makeAnswers(on: Set<string>): Answers {
  const zoneMin = 540
  const today = (hour: number, minute: number) => ({ ms: new Date(new Date().setHours(hour, minute, 0, 0)).getTime(), zoneMin })
  const known = patients(on.has('long'))
  const all = on.has('empty') ? [] : known
  if (on.has('conflict')) all.forEach((each, place) => { each.conflicts = place === 1 || place === 4 ? 1 : 0 })
  const find = (patientId: string) => {
    const found = known.find((each) => each.patientId === patientId)
    if (!found) throw new Refusal('not_found')
    return found
  }
  const entry = (id: string, author: typeof me, kind: string, title: string, at: { ms: number; zoneMin: number }, patient = 0, mine = false): TimelineEntry => ({
    id, patientId: all[patient]?.patientId ?? '', spaceId: 's', kind, at, writtenAt: at, receivedAt: mine ? null : at.ms, author, onBehalfOf: null, status: 'confirmed', visitId: null, title, body: null, unknownKind: false,
    isNew: !mine, delivery: mine ? { state: 'only-here', have: [], lack: ['しおかぜ内科クリニック'] } : { state: 'everyone', have: ['なぎさ訪問看護'], lack: [] }, amends: null, amendedBy: null, reason: null,
  })
  const state = { locked: on.has('locked') || on.has('pin'), exists: !on.has('new'), missed: 0 }
  const sync = (): SyncStatus => ({
    state: SYNC_STATES.find((each) => each !== 'removed' && each !== 'parked' && on.has(each)) ?? (on.has('own-key') ? 'waiting' : on.has('late') ? 'late-items' : on.has('fork') ? 'fork' : on.has('parked') ? 'parked' : on.has('empty') ? 'up-to-date' : 'offline'), params: on.has('own-key') ? { what: 'own-key' } : on.has('late') ? { n: '3' } : {}, rotations: on.has('late') ? 41 : 0, pending: on.has('late') ? 1 : 0, quarantined: on.has('grants') ? 2 : 0, unsent: on.has('empty') ? 0 : 3,
    picturesMissing: 0, lastReceivedMs: today(8, 10).ms, lastContactMs: today(8, 10).ms, lastHeardFromOthersMs: today(8, 5).ms,
  })
  const settings = { language: on.has('en') ? 'en' as const : 'ja' as const, theme: on.has('dark') ? 'dark' as const : 'auto' as const, autoLockMin: 5, keypadSide: 'right' as const, wareki: true, relayUrl: 'https://relay.example.jp' }
  const draft: Draft = { id: 'd1', patientId: all[2]?.patientId ?? '', visitId: 'v', kind: 'note', body: {}, updatedAt: today(9, 58).ms }
  return {
    'profile.status': () => ({ exists: state.exists, unlocked: !state.locked, screenLocked: on.has('pin') && state.locked, pinSet: !on.has('locked'), pinMissesLeft: 5 - state.missed, pinWaitMs: 0, keystore: false, demo: on.has('demo') ? { passphrase: 'なみ うみ かぜ そら ほし', pin: '314159' } : null, me: on.has('locked') ? null : me, removed: on.has('removed') ? { atMs: today(7, 30).ms, reason: 'lost', handedIn: 3, left: on.has('empty') ? 0 : 2 } : null }),
    'profile.unlock': (req) => {
      if (req.pin && req.pin !== '314159') { state.missed += 1; throw new Refusal('wrong_pin', { left: String(5 - state.missed) }) }
      if (req.passphrase === 'x') throw new Refusal('wrong_passphrase')
      state.locked = false; on.delete('locked')
      return {}
    },
    'profile.lock': () => { state.locked = true; return {} },
    'profile.create': () => { state.exists = true; return { strength: 4 } },
    'profile.pin': () => ({}),
    'settings.show': () => settings,
    'settings.put': (req) => { Object.assign(settings, req); return {} },
    'sync.status': sync,
    'sync.now': sync,
    'sync.parked': () => ({ items: on.has('parked') ? [{ space: 's', patient: all[3]?.patientId ?? null, author: pharmacist, reason: 'bad_signature', at: today(7, 55).ms }] : [], witness: on.has('fork') ? { patient: all[0]?.patientId ?? null, author: pharmacist } : null }),
    'sync.dismiss': () => ({}),
    'home.show': () => ({
      waiting: { conflicts: all.reduce((sum, each) => sum + each.conflicts, 0), unsent: all.reduce((sum, each) => sum + each.unsentCount, 0), drafts: all.length === 0 ? 0 : 3, picturesMissing: on.has('conflict') ? 2 : 0 },
      me, patients: all,
      today: all.slice(0, 6).map((patient, place) => ({ patient, at: place < 3 ? today(8 + place, 45 - place * 15) : null, done: place === 1 || place === 2, unsent: patient.unsentCount, drafts: place === 0 ? 2 : 0 })),
      news: all.length === 0 ? [] : [entry('n1', manager, 'note', '12/3の担当者会議、出られますか', today(8, 5)), entry('n2', pharmacist, 'dispensing', '残薬 6日分、次回で調整します', today(8, 2), 3), entry('n3', doctor, 'order', '体重 58.0 kg を超えたら電話', today(7, 20)), entry('n4', daughter, 'watch-over', '朝食5割、夜3回起きた', today(7, 42))],
      unsent: all.filter((each) => each.unsentCount > 0).map((patient, place) => ({ patient, entries: [entry(`u${place}`, me, place === 1 ? 'photo' : 'vitals', place === 1 ? '写真 1枚' : '体温 36.8 ℃、血圧 138/76 mmHg', today(9, 6 + place * 9), place, true)], drafts: place === 0 ? [draft, draft] : place === 2 ? [draft] : [] })),
    }),
    'patient.search': ({ query }) => {
      const rows = all.filter((each) => JSON.stringify([each.name, each.kana, each.birthDate, each.localIds]).includes(query) || `${each.name.family}${each.name.given}`.includes(query.replace(/\s/g, '')))
      return { rows, total: rows.length, more: false }
    },
    'patient.show': ({ patientId }) => find(patientId),
    'patient.register': ({ identity, acceptSimilar }) => {
      if (JSON.stringify(identity).includes('佐藤') && !acceptSimilar) throw new Refusal('similar_name', { names: '佐藤 花子、佐藤 華子' })
      return { patientId: all[0]?.patientId ?? '' }
    },
    'space.members': () => ({ manager: !on.has('member'), teams: [
      { facilityId: 'f1', facility: 'なぎさ訪問看護', role: 'manager', since: today(8, 0).ms - 400 * 86_400_000, addedBy: me, devices: [{ person: me, lastHeardMs: today(8, 10).ms, lacks: 0 }] },
      { facilityId: 'f2', facility: on.has('long') ? '社会医療法人しおかぜ会 南浜地域総合在宅医療支援センター附属 第二しおかぜ内科・循環器科クリニック' : 'しおかぜ内科クリニック', role: 'writer', since: today(8, 0).ms - 300 * 86_400_000, addedBy: me, devices: [{ person: doctor, lastHeardMs: today(8, 9).ms, lacks: 1 }] },
      { facilityId: 'f3', facility: 'ひより薬局', role: 'writer', since: today(8, 0).ms - 20 * 86_400_000, addedBy: doctor, devices: [{ person: pharmacist, lastHeardMs: null, lacks: null }] },
      ...(on.has('grants') ? [{ facilityId: 'f6', facility: 'みなと訪問リハビリ', role: 'reader' as const, since: today(8, 0).ms - 2 * 86_400_000, addedBy: lostNurse, devices: [] }] : []),
    ] }),
    ...teamAnswers(on, today),
    'enrol.offer': ({ offerId }) => ({ url: 'https://relay.example.jp/e#7K3MPQ9WX2VBN4TZ8HJ5RC6DFA', code: '7K3MPQ9WX2VBN4TZ8HJ5RC6DFA', expiresMs: Date.now() + 260_000, offerId: 'o1', digits: offerId ? '482915' : null, state: offerId ? 'compare' : 'waiting' }),
    'enrol.approve': () => ({}),
    'enrol.join': () => { if (on.has('other')) throw new Refusal('other_person'); return { digits: '482915', state: on.has('joined') ? 'done' as const : 'compare' as const } },
    'about.show': () => ({ version: '0.1.0', commit: 'abc1234', protocol: 1, schema: 8, region: '3f1c9a0be7d24a55b0c86e21d94f7a10', licences: [{ name: 'automerge', version: '0.12.0', licence: 'MIT' }, { name: 'react', version: '19.3.1', licence: 'MIT' }, ...(on.has('long') ? Array.from({ length: 420 }, (_, n) => ({ name: `encoding-of-unicode-identifiers-${n}`, version: `1.0.${n}+wasi-0.11.0`, licence: '(MIT OR Apache-2.0) AND Unicode-3.0' })) : [])] }),
    ...chartAnswers(on, find),
  }
}
