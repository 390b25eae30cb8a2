// The promises as one Markdown table from a folder of results: node tests/bench/promises.mjs <folder>
// Every row ends in `ok` or `MISS` with measured / promised; `-` where this run did not measure it.
import fs from 'node:fs'
import path from 'node:path'

const dir = process.argv[2]
const lines = file => { try { return fs.readFileSync(path.join(dir, file), 'utf8').trim().split('\n').filter(Boolean) } catch { return [] } }
const rows = Object.fromEntries(fs.readdirSync(dir).filter(f => f.endsWith('.jsonl')).map(f => [f.replace('.jsonl', ''), lines(f).map(l => JSON.parse(l))]))
// the fan-in's region has 500 devices more: its own catch-up is another measurement
rows.meguri = [...(rows.meguri ?? []), ...(rows.fan ?? []).filter(r => r.metric === 'fanin' || r.error)]
delete rows.fan
const median = all => { const s = all.filter(v => v != null && !Number.isNaN(v)).sort((a, b) => a - b); return s.length ? s[Math.ceil(s.length / 2) - 1] : null }
const of = peer => (metric, pick) => median((rows[peer] ?? []).filter(r => r.metric === metric && !r.error).flatMap(r => pick(r)))

// name, limit, how it is read from a product's lines, what the peers measured when the limit was set
// (samod, Yjs + hocuspocus, PouchDB, automerge-repo; medians on 2 cores)
const promises = [
  ['catch-up of 10,000 entries, device → relay → fresh device, durable, ms', 1000, g => g('catchup', r => [r.e2e_ms]), [1956, 3450, 10028, 19876]],
  ['a new entry on another online device, p50 ms', 8, g => g('live', r => [r.got === r.n ? r.p50 : Infinity]), [6.4, 2.9, 29, 18]],
  ['the same, p99 ms', 25, g => g('live', r => [r.got === r.n ? r.p99 : Infinity]), [9.1, 8.7, 66, 53]],
  ['500 devices each writing every 2 s: p99 ms', 50, g => g('fanin', r => r.clients === 500 ? [r.got === r.sent ? r.p99 : Infinity] : []), [null, 22, 3876, null]],
  ['  relay CPU of one core, %', 50, g => g('fanin', r => r.clients === 500 ? [r.srv_cpu_pct] : []), [null, 18, 88, null]],
  ['  relay memory, MB', 100, g => g('fanin', r => r.clients === 500 ? [r.rss_srv_mb] : []), [null, 145, 194, null]],
  ['bytes on the wire / JSON, device → relay', 0.35, g => g('catchup', r => [r.wire_a_x]), [0.34, 2.0, 1.9, 0.48]],
  ['bytes on the wire / JSON, relay → fresh device', 0.35, g => g('catchup', r => [r.wire_b_x]), [0.34, 2.0, 1.9, 0.48]],
  ['relay disk / JSON', 0.4, g => g('catchup', r => [r.disk_srv_x]), [0.31, 1.0, 2.1, 0.46]],
  ['relay memory in catch-up, MB', 40, g => g('catchup', r => [r.rss_srv_mb]), [30, 127, 169, 332]],
  ['open a 4,000-entry chart to its first page, ms in the core', 5, g => g('open4k', r => [r.load_ms]), [813, 119, 433, 2451]],
  ['photo of 3 MB, device to device, durable, ms', 180, g => g('photo', r => (r.ms ?? []).map(v => v ?? Infinity)), [353, 182, 382, 1304]],
  ['one entry durable on the device, p50 ms', 0.6, g => g('durable', r => [r.p50]), [2.1, 2.1, 0.9, 6.8]],
]
const show = v => v == null ? '-' : v === Infinity ? 'lost some' : v >= 100 ? String(Math.round(v)) : v >= 10 ? v.toFixed(1) : v.toFixed(2)
const verdict = (v, limit) => v == null ? '-' : v <= limit ? 'ok' : `MISS ×${(v / limit).toFixed(2)}`
const names = ['samod', 'yjs', 'pouchdb', 'automerge']
const beside = names.filter(n => rows[n])

const out = []
out.push(`| promise | samod | Yjs | PouchDB | automerge-repo |${beside.map(n => ` ${n} now |`).join('')} limit | Meguri | |`)
out.push('|---|' + '---|'.repeat(4 + beside.length + 3))
for (const [name, limit, read, stored] of promises) {
  const ours = read(of('meguri'))
  const now = beside.map(n => ` ${show(read(of(n)))} |`).join('')
  out.push(`| ${name} | ${stored.map(show).join(' | ')} |${now} ≤ ${limit} | ${show(ours)} | ${verdict(ours, limit)} |`)
}

// ---- the core's own lines: name, median, p99, promise
const cores = lines('core.txt').flatMap(l => { const m = /^(.*\S) +(\d+\.\d{3}) +(\d+\.\d{3}) *(.*)$/.exec(l); return m ? [[m[1].trimEnd(), +m[2], +m[3], m[4].trim()]] : [] })
const keys = (rows.keys ?? []).map(r => [r.name, r.median, r.p99, r.limit ? `<= ${r.limit}` : ''])
if (cores.length + keys.length) {
  out.push('', '| in the core | median ms | p99 ms | limit | |', '|---|---|---|---|---|')
  for (const [name, mid, worst, promise] of [...cores, ...keys]) {
    const limit = /^<= ([\d.]+)/.exec(promise)
    out.push(`| ${name.trim()} | ${mid} | ${worst || '-'} | ${promise || '-'} | ${limit ? verdict(mid, +limit[1]) : '-'} |`)
  }
}

// ---- what follows from a lost, a new and a five-hundredth device: each line says its unit and its limit
if (rows.trust) {
  const held = ({ median, limit, least }) => limit == null ? '-' : !least ? verdict(median, limit) : median >= limit ? 'ok' : `MISS ×${(limit / median).toFixed(2)}`
  out.push('', '| trust | median | worst | limit | |', '|---|---|---|---|---|')
  for (const r of rows.trust)
    out.push(`| ${r.name.trim()}, ${r.unit} | ${show(r.median)} | ${show(r.worst)} | ${r.limit == null ? '-' : `${r.least ? '≥' : '≤'} ${r.limit}`} | ${held(r)} |`)
}

// ---- what else was seen
const g = of('meguri')
const more = [
  ['catch-up, device → relay, ms', g('catchup', r => [r.up_ms])], ['catch-up, relay → fresh device, ms', g('catchup', r => [r.down_ms])],
  ['live, wire of the writer / JSON', g('live', r => [r.wire_a_x])], ['live, wire of the reader / JSON', g('live', r => [r.wire_b_x])],
  ['durable, p99 ms', g('durable', r => [r.p99])], ['device memory after writing, MB', g('catchup', r => [r.rss_a_mb])], ['fresh device memory, MB', g('catchup', r => [r.rss_b_mb])],
  ['fresh device disk / JSON', g('catchup', r => [r.disk_b_x])], ['entries written per second while recording', g('catchup', r => [r.seed_entries_s])],
  ['500 devices: p50 ms', g('fanin', r => r.clients === 500 ? [r.p50] : [])], ['500 devices: CPU of the load generator, %', g('fanin', r => [r.load_cpu_pct])],
  ['load of the machine when a run began', g('catchup', r => [r.load1])],
]
out.push('', '| beside it | Meguri |', '|---|---|', ...more.map(([name, v]) => `| ${name} | ${show(v)} |`))
for (const r of Object.values(rows).flat()) if (r.error) out.push('', `ERROR ${JSON.stringify(r).slice(0, 300)}`)
console.log(out.join('\n'))
