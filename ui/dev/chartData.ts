/** A chart with everything in it, for looking at the screens without the app. Development only; the checks here only imitate a few of the app's. */
import type { Draft, Finding, Instant, PatientHeader, PersonRef, Point, Series, TimelineEntry } from '../src/api/generated'
import { Refusal, type Command, type Req, type Res } from '../src/api/transport'
import { registry, isKnown } from '../src/records/registry'
import { parseVitals, valueOf } from '../src/records/vitals/values'
import { daughter, doctor, manager, me, pharmacist } from './fake/people'

type Answers = { [N in Command]?: (req: Req<N>) => Res<N> | Promise<Res<N>> }
const DAY = 86_400_000
const ZONE = 540
const colleague: PersonRef = { ...me, staffId: 'a6', name: '土屋 健', isMe: false }
const other = ['しおかぜ内科クリニック', 'ひより薬局', 'あかり居宅介護支援', 'なぎさ訪問看護']

interface Store {
  entries: TimelineEntry[]
  versions: Map<string, TimelineEntry[]>
  drafts: Draft[]
  pictures: Map<string, string>
  resolved: boolean
}

const stores = new Map<string, Store>()
let count = 0
const newId = () => `e-${(count += 1).toString().padStart(5, '0')}`

function midnight(): number {
  const now = Date.now()
  return now - ((now + ZONE * 60_000) % DAY)
}

function at(daysAgo: number, hour: number, minute: number): Instant {
  return { ms: midnight() - daysAgo * DAY + (hour * 60 + minute) * 60_000, zoneMin: ZONE }
}

function make(patientId: string, author: PersonRef, kind: string, when: Instant, title: string, body: unknown, more: Partial<TimelineEntry> = {}): TimelineEntry {
  return {
    id: newId(), patientId, spaceId: 's1', kind, at: when, writtenAt: when, receivedAt: when.ms + 90_000, author, onBehalfOf: null, status: 'confirmed', visitId: null, title, body,
    unknownKind: !isKnown(kind), isNew: false, delivery: { state: 'everyone', have: other, lack: [] }, amends: null, amendedBy: null, reason: null, ...more,
  }
}

type Values = Record<string, string>
const vitals = (values: Values, more: { flow?: string; family?: boolean; not?: [string, string][]; remark?: string } = {}) => ({
  items: [
    ...Object.entries(values).map(([key, value]) => ({ key, value, source: more.family ? 'family' : 'manual', attributes: key === 'spo2' ? { gas: more.flow ? 'oxygen' : 'room-air' } : key === 'bp.sys' ? { side: 'right', posture: 'sitting' } : key === 'pulse' ? { rhythm: 'regular' } : {} })),
    ...(more.flow ? [{ key: 'o2.flow', value: more.flow, source: 'manual', attributes: {} }] : []),
  ],
  notMeasured: (more.not ?? []).map(([key, reason]) => ({ key, reason })),
  remark: more.remark ?? '',
})

function blob(id: string) {
  const hex = [...id].map((c) => c.charCodeAt(0).toString(16).padStart(2, '0')).join('').padEnd(64, '0').slice(0, 64)
  return { id: hex, key: '1'.repeat(64), sha256: '2'.repeat(64), size: 2_400_000, mediaType: 'image/jpeg' }
}

function wound(size: number, tone: string): string {
  const ticks = Array.from({ length: 20 }, (_, i) => `<path d="M${150 + i * 20} 470v${i % 5 === 0 ? -26 : -14}" stroke="#3b4955" stroke-width="3"/>`).join('')
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="800" height="600"><defs><radialGradient id="s"><stop offset="0" stop-color="#ecd8c8"/><stop offset="1" stop-color="#b79a86"/></radialGradient><filter id="b"><feGaussianBlur stdDeviation="9"/></filter></defs><rect width="800" height="600" fill="url(#s)"/><g filter="url(#b)"><ellipse cx="400" cy="270" rx="${size * 1.5}" ry="${size * 1.2}" fill="#c48e7e"/><ellipse cx="400" cy="270" rx="${size}" ry="${size * 0.75}" fill="${tone}"/></g><rect x="130" y="470" width="420" height="60" fill="#f7f7f3"/>${ticks}</svg>`
  return `data:image/svg+xml,${encodeURIComponent(svg)}`
}

const photo = (id: string, caption: string) => ({ blob: blob(id), thumb: blob(`${id}t`), width: 4032, height: 3024, caption, bodySite: 'sacrum', scaleInView: true })

function fill(patientId: string, many: boolean): Store {
  const put = (...args: [PersonRef, string, Instant, string, unknown, Partial<TimelineEntry>?]) => make(patientId, ...args)
  const pictures = new Map([[blob('old').id, wound(150, '#a5665c')], [blob('oldt').id, wound(150, '#a5665c')], [blob('new').id, wound(118, '#a5665c')], [blob('newt').id, wound(118, '#a5665c')]])
  const slip = put(colleague, 'vitals', at(2, 14, 10), '', vitals({ temp: '63.8', pulse: '88' }), { status: 'amended' })
  const mended = put(colleague, 'vitals', at(2, 14, 10), '', vitals({ temp: '36.8', pulse: '88' }), { amends: slip.id, reason: '書きまちがい', writtenAt: at(2, 14, 32) })
  const entries = [
    put(me, 'note', at(0, 8, 20), '酸素の延長チューブ、次回もう1本持っていく。', { s: '', o: '', a: '', p: '酸素の延長チューブ、次回もう1本持っていく。' }, { receivedAt: null, delivery: { state: 'only-here', have: [], lack: other } }),
    put(daughter, 'vitals', at(0, 7, 42), '', vitals({ temp: '36.7', 'bp.sys': '140', 'bp.dia': '80', weight: '57.4' }, { family: true, remark: '横になると息が少し苦しそうで、枕を2つにしたら眠れました。' }), { isNew: true, delivery: { state: 'partly', have: other.slice(0, 3), lack: other.slice(3) } }),
    put(doctor, 'order', at(1, 15, 20), '体重 58.0 kg を超えたら、または息切れが増えたら電話', null, { isNew: true, delivery: { state: 'partly', have: other.slice(0, 3), lack: other.slice(3) } }),
    put(doctor, 'vitals', at(1, 15, 5), '', vitals({ temp: '36.7', 'bp.sys': '142', 'bp.dia': '78', pulse: '92', spo2: '94', rr: '21', weight: '57.2' }, { flow: '1.0' }), { isNew: true, delivery: { state: 'partly', have: other.slice(0, 3), lack: other.slice(3) } }),
    mended,
    put(pharmacist, 'note', at(3, 12, 10), '残薬 6日分、次回で調整します', { s: '', o: '残薬 6日分。', a: '', p: '次回の調剤で調整します。' }, { isNew: true }),
    put(me, 'photo', at(4, 10, 52), '仙骨部', photo('new', '2.8 × 2.1 cm'), { visitId: 'v1' }),
    put(me, 'note', at(4, 10, 35), '「足が重い。夜はまあ眠れる」', { s: '「足が重い。夜はまあ眠れる」長女：むくみが増えた気がする。', o: '下腿浮腫 右＋ 左＋。呼吸音 清、起座呼吸なし。仙骨部 滲出少量、感染徴候なし。', a: '体液貯留が進んでいる可能性。食塩は家族と確認、変化なし。', p: '体重を毎朝、長女が記録。56.6から1 kg増で当ステーションへ連絡。佐伯医師へ報告。' }, { visitId: 'v1' }),
    put(me, 'vitals', at(4, 10, 30), '', vitals({ temp: '36.5', 'bp.sys': '132', 'bp.dia': '74', pulse: '86', spo2: '95', weight: '56.6' }, { flow: '1.0', not: [['glucose', 'refused']] }), { visitId: 'v1' }),
    put(manager, 'note', at(5, 16, 40), 'カテーテル交換の物品は玄関の棚', { s: '', o: '', a: '', p: 'カテーテル交換の物品は玄関の棚、上から2段目に置きました。' }, { isNew: true, receivedAt: at(0, 8, 5).ms, arrivedLate: true }),
    put(colleague, 'note', at(6, 9, 15), '訪問の取り消し', { s: '', o: '訪問の予定を別の方の欄に書いた。', a: '', p: '' }, { status: 'voided', reason: '別の方の記録でした' }),
    put(me, 'photo', at(11, 10, 40), '仙骨部', photo('old', '3.2 × 2.4 cm')),
  ]
  for (let day = 7; day < (many ? 900 : 60); day += 1) {
    if (day >= 19 && day <= 22) continue
    const drift = (56.8 - day * 0.03).toFixed(1)
    if (day % 2 === 1) entries.push(put(daughter, 'vitals', at(day, 7, 40), '', vitals({ temp: `36.${4 + (day % 4)}`, 'bp.sys': String(124 + (day * 7) % 15), 'bp.dia': String(70 + (day * 3) % 10), weight: drift }, { family: true })))
    if (day % 3 === 0) entries.push(put(day % 2 ? me : colleague, 'vitals', at(day, 10, 30), '', vitals({ temp: `36.${3 + (day % 5)}`, 'bp.sys': String(120 + (day * 5) % 18), 'bp.dia': String(68 + (day * 3) % 10), pulse: String(80 + (day * 5) % 14), spo2: String(93 + (day % 4)), rr: String(18 + (day % 4)), weight: drift }, { flow: '1.0' })))
    if (many) for (let part = 0; part < 4; part += 1) entries.push(put(part % 2 ? doctor : colleague, 'note', at(day, 11 + part, 5), `経過 ${day}-${part}`, { s: '変わりなし。', o: `浮腫 ${part}。`, a: '', p: '続ける。' }))
  }
  entries.sort((a, b) => b.at.ms - a.at.ms || (a.id < b.id ? 1 : -1))
  return { entries, versions: new Map([[mended.id, [slip, mended]]]), drafts: [], pictures, resolved: false }
}

function points(store: Store, key: string, from: number, to: number): Point[] {
  return store.entries.flatMap((entry): Point[] => {
    const body = entry.kind === 'vitals' && entry.status === 'confirmed' ? parseVitals(entry.body) : null
    const text = body ? valueOf(body, key) : ''
    if (!body || text === '' || entry.at.ms < from || entry.at.ms > to) return []
    return [{ at: entry.at.ms, value: Number.parseFloat(text), text, family: body.items.some((item) => item.source === 'family'), entryId: entry.id }]
  }).sort((a, b) => a.at - b.at)
}

function series(store: Store, key: string, from: number, to: number, patient: PatientHeader): Series {
  const all = points(store, key, from, to)
  const values = all.filter((point) => point.at > Date.now() - 30 * DAY).map((point) => point.value).filter(Number.isFinite).sort((a, b) => a - b)
  const part = (share: number) => values[Math.floor((values.length - 1) * share)] ?? 0
  const limit = patient.thresholds.find((each) => each.measure === key)
  return { key, unit: '', points: all, usual: values.length >= 5 ? { low: part(0.1), high: part(0.9), median: part(0.5) } : null, low: limit?.low ?? null, high: limit?.high ?? null }
}

function check(store: Store, kind: string, body: unknown, patient: PatientHeader): Finding[] {
  const read = kind === 'vitals' ? parseVitals(body) : null
  if (!read) return []
  const out: Finding[] = []
  const spo2 = read.items.find((item) => item.key === 'spo2')
  if (spo2 && !spo2.attributes.gas) out.push({ severity: 'refuse', code: 'spo2_needs_gas', field: 'spo2', params: {} })
  if (spo2?.attributes.gas === 'oxygen' && !valueOf(read, 'o2.flow')) out.push({ severity: 'refuse', code: 'oxygen_needs_flow', field: 'spo2', params: {} })
  const temp = valueOf(read, 'temp')
  if (Number(temp) > 45) out.push({ severity: 'refuse', code: 'out_of_range', field: 'temp', params: { low: '25.0', high: '45.0', suggestion: (Number(temp) / 10).toFixed(1) } })
  const usual = series(store, 'spo2', 0, Date.now(), patient).usual
  if (spo2 && usual && Number(spo2.value) < usual.low) out.push({ severity: 'ask', code: 'unusual_for_patient', field: 'spo2', params: { value: spo2.value, low: String(usual.low), high: String(usual.high) } })
  const weight = valueOf(read, 'weight')
  if (Number(weight) > 58) out.push({ severity: 'ask', code: 'above_personal_limit', field: 'weight', params: { value: weight, limit: '58.0' } })
  return out
}

export async function keepPicture(file: Blob): Promise<{ photo: unknown }> {
  const id = newId()
  for (const store of stores.values()) for (const name of [id, `${id}t`]) store.pictures.set(blob(name).id, URL.createObjectURL(file))
  await Promise.resolve()
  return { photo: { blob: blob(id), thumb: blob(`${id}t`), width: 800, height: 600, scaleInView: false } }
}

/** The commands of a chart. `find` gives the patient or refuses. */
export function chartAnswers(on: Set<string>, find: (patientId: string) => PatientHeader): Answers {
  const of = (patientId: string): Store => {
    const key = on.has('empty') ? 'empty' : patientId
    const known = stores.get(key) ?? (on.has('empty') ? { entries: [], versions: new Map(), drafts: [], pictures: new Map(), resolved: false } : fill(patientId, on.has('many')))
    stores.set(key, known)
    if (on.has('conflict') && !known.resolved) find(patientId).conflicts = 1
    if (on.has('struck')) find(patientId).struck = [`identity/${patientId}/phone`, `identity/${patientId}/address`, 'threshold/weight/limit']
    if (on.has('struck') && !known.entries.some((entry) => entry.status === 'struck')) {
      known.entries = known.entries.map((entry) => (entry.author === pharmacist || entry.kind === 'order' ? { ...entry, status: 'struck', isNew: false, strike: { by: me, at: at(0, 9, 12).ms, reason: 'other-hand' } } : entry))
    }
    return known
  }
  const follow = (patientId: string, entryId: string, change: (old: TimelineEntry) => TimelineEntry): TimelineEntry => {
    const store = of(patientId)
    const old = store.entries.find((entry) => entry.id === entryId)
    if (!old) throw new Refusal('not_found')
    const next = change(old)
    store.entries = store.entries.map((entry) => (entry === old ? next : entry))
    store.versions.set(next.id, [...(store.versions.get(old.id) ?? [old]), next])
    return next
  }
  return {
    'chart.timeline': ({ patientId, before, limit, kinds, facilityIds, query }) => {
      const all = of(patientId).entries.filter((entry) => (!kinds?.length || kinds.includes(entry.kind)) && (!facilityIds?.length || facilityIds.includes(entry.author.facilityId)) && (!query || JSON.stringify([entry.title, entry.body]).includes(query)))
      const start = before ? all.findIndex((entry) => entry.id === before.id) + 1 : 0
      const entries = all.slice(start, start + (limit ?? 50))
      return { entries, more: start + entries.length < all.length, total: all.length, facilities: [me, doctor, pharmacist, manager].map((person) => ({ id: person.facilityId, name: person.facility })) }
    },
    'chart.entry': ({ patientId, entryId }) => {
      const entry = of(patientId).entries.find((each) => each.id === entryId)
      if (!entry) throw new Refusal('not_found')
      return { entry, versions: of(patientId).versions.get(entryId) ?? [entry] }
    },
    'chart.trend': ({ patientId, keys, from, to }) => ({ series: keys.map((key) => series(of(patientId), key, from, to, find(patientId))) }),
    'chart.seen': ({ patientId }) => { const store = of(patientId); store.entries = store.entries.map((entry) => ({ ...entry, isNew: false })); return {} },
    'draft.list': ({ patientId }) => ({ drafts: patientId ? of(patientId).drafts : [...stores.values()].flatMap((store) => store.drafts) }),
    'draft.save': ({ id, patientId, visitId, kind, body }) => {
      const store = of(patientId)
      const draft: Draft = { id: id ?? newId(), patientId, visitId, kind, body, updatedAt: Date.now() }
      store.drafts = [...store.drafts.filter((each) => each.id !== draft.id), draft]
      return { id: draft.id, findings: check(store, kind, body, find(patientId)) }
    },
    'draft.discard': ({ id }) => { for (const store of stores.values()) store.drafts = store.drafts.filter((draft) => draft.id !== id); return {} },
    'entry.confirm': ({ patientId, draftIds, at: when, accepted }) => {
      const store = of(patientId)
      const drafts = draftIds.flatMap((id) => store.drafts.find((draft) => draft.id === id) ?? [])
      for (const draft of drafts) {
        const open = check(store, draft.kind, draft.body, find(patientId)).find((finding) => !accepted.some((each) => each.draftId === draft.id && each.code === finding.code && each.field === finding.field))
        if (open) throw new Refusal('unanswered_findings', { field: open.field, reason: open.code })
      }
      const made = drafts.map((draft) => make(patientId, me, draft.kind, when, draft.kind in registry ? '' : draft.kind, draft.body, { visitId: draft.visitId, receivedAt: null, delivery: { state: 'only-here', have: [], lack: other } }))
      store.entries = [...made.toReversed(), ...store.entries]
      store.drafts = store.drafts.filter((draft) => !draftIds.includes(draft.id))
      return { entryIds: made.map((entry) => entry.id) }
    },
    'entry.amend': ({ patientId, entryId, body, reason }) => ({ entryId: follow(patientId, entryId, (old) => ({ ...old, id: newId(), body, reason, amends: old.id, writtenAt: at(0, 10, 40), receivedAt: null, delivery: { state: 'only-here', have: [], lack: other } })).id }),
    'entry.void': ({ patientId, entryId, reason }) => ({ entryId: follow(patientId, entryId, (old) => ({ ...old, status: 'voided', reason })).id }),
    'entry.reach': () => ({ entry: 2, since: 5, all: 14 }),
    'entry.strike': ({ patientId, entryId, reason }) => { follow(patientId, entryId, (old) => ({ ...old, status: 'struck', strike: { by: me, at: Date.now(), reason } })); return { done: true, refused: null } },
    'state.struck': ({ patientId }) => ({ fields: on.has('struck') ? [
      { key: `identity/${patientId}/address`, kind: 'identity', id: patientId, field: 'address', now: [], before: [{ value: '山形県鶴岡市（架空）3丁目', author: manager, writtenAt: at(400, 17, 40), choice: 'c' }] },
      { key: `identity/${patientId}/phone`, kind: 'identity', id: patientId, field: 'phone', now: [{ value: '090-0000-9999', author: pharmacist, writtenAt: at(2, 3, 12), choice: 'a' }], before: [{ value: '0235-00-0000', author: me, writtenAt: at(300, 11, 2), choice: 'b' }] },
      { key: 'threshold/weight/limit', kind: 'threshold', id: 'weight', field: 'limit', now: [{ value: { high: '70.0', reason: '' }, author: pharmacist, writtenAt: at(2, 3, 13), choice: 'd' }], before: [] },
    ] : [] }),
    'state.restore': ({ patientId }) => { on.delete('struck'); find(patientId).struck = []; return {} },
    'state.conflicts': ({ patientId }) => ({
      conflicts: of(patientId).resolved ? [] : [{ key: 'identity/0/phone', kind: 'identity', id: '0', field: 'phone', values: [
        { value: '090-0000-1122', author: manager, writtenAt: at(2, 17, 40), choice: 'a' },
        { value: '090-0000-1172', author: me, writtenAt: at(4, 11, 2), choice: 'b' },
      ] }],
    }),
    'state.resolve': ({ patientId }) => { of(patientId).resolved = true; find(patientId).conflicts = 0; return {} },
    'blob.read': ({ blobId }) => {
      for (const store of stores.values()) { const url = store.pictures.get(blobId); if (url) return { url } }
      throw new Refusal('blob_missing')
    },
  }
}
