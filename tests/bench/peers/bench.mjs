// One peer, several runs -> JSON lines.  node bench.mjs --peer automerge [--runs 3] [--only catchup,live,photo,durable,open,fanin] [--fan 50,500] [--out results/x.jsonl]
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { child, hwmMB, cpuMs, du, dropCache, pct } from './lib/child.mjs'
import { generate, mkEntry, rng } from './lib/workload.mjs'
import { peers as known } from './peers.mjs'
const o = {}; for (let i = 2; i < process.argv.length; i += 2) o[process.argv[i].slice(2)] = process.argv[i + 1]
const peers = { ...known, ...(o.with ? (await import(pathToFileURL(path.resolve(o.with)))).peers : {}) }
const P = peers[o.peer]; if (!P) throw new Error('peer? one of ' + Object.keys(peers))
const runs = +(o.runs ?? 3), work = o.work ?? './.scratch/run', out = o.out ?? `results/${o.peer}.jsonl`
const only = new Set((o.only ?? 'catchup,live,photo,durable,open,fanin').split(',')), fan = (o.fan ?? '50,500').split(',').map(Number)
const seedRoot = o.seeds ?? './.scratch/seeds'
const liveN = +(o.live ?? 200), gap = +(o.gap ?? 150), sleep = ms => new Promise(r => setTimeout(r, ms))
const W = JSON.parse(fs.readFileSync('workload.json')), N = W.entries.length
const emit = r => { const l = JSON.stringify({ peer: o.peer, ...r }); fs.appendFileSync(out, l + '\n'); console.log(l) }
let port = +(o.port ?? 21000 + Math.floor(Math.random() * 9000))
const spawnP = (role, args, tag) => child(P[role][0], [...P[role].slice(1), ...args], { log: `${work}/${tag}.log`, env: P.env })
const fresh = (() => { const r = rng(Date.now()); let i = 0; return n => Array.from({ length: n }, () => mkEntry(r, 'live-' + process.pid + '-' + i++ + '-' + Math.floor(r() * 1e9).toString(36), W.charts[Math.floor(r() * W.charts.length)], 0, Date.now())) })()
const until = async (f, ms, step = 50) => { const t = Date.now(); while (Date.now() - t < ms) { if (await f()) return true; await sleep(step) } return false }
// device A's offline store is recorded once per peer and copied for each run
async function seeded(file, dir) {
  const sd = `${seedRoot}/${o.peer}/${file}`, mf = `${sd}.meta.json`
  if (!fs.existsSync(mf)) { fs.rmSync(sd, { recursive: true, force: true }); fs.mkdirSync(sd, { recursive: true }); const d = await spawnP('device', [], 'seed'); await d.call('open', { dir: sd, dev: 'A' }); const s = await d.call('seed', { workload: file }, 1200e3); await d.stop(); fs.writeFileSync(mf, JSON.stringify({ meta: s.meta, seedMs: s.ms })); emit({ metric: 'seed', file, ms: Math.round(s.ms) }) }
  fs.cpSync(sd, dir, { recursive: true }); return JSON.parse(fs.readFileSync(mf))
}
for (let run = 1; run <= runs; run++) {
  fs.rmSync(work, { recursive: true, force: true }); fs.mkdirSync(work, { recursive: true })
  const all = []; const mk = async (role, args, tag) => { const c = await spawnP(role, args, tag); all.push(c); return c }
  const proxy = async p => { const c = await child('node', ['lib/proxy.mjs', String(p)]); all.push(c); c.port = (await c.call('port')).port; return c }
  try {
    if (only.has('catchup') || only.has('live') || only.has('photo') || only.has('fanin') || only.has('durable')) {
      port++; const R = { run, load1: +os.loadavg()[0].toFixed(2) }
      const { meta, seedMs } = await seeded('workload.json', `${work}/a`)
      const srv = await mk('server', [String(port), `${work}/srv`, meta.home ?? ''], 'server'); R.server_start_ms = srv.readyMs
      const pa = await proxy(port), pb = await proxy(port); const s0 = du(`${work}/srv`); const a = await mk('device', [], 'a'); await a.call('open', { dir: `${work}/a`, dev: 'A', meta })
      R.seed_entries_s = Math.round(N / seedMs * 1000); const da = du(`${work}/a`); R.a_load_ms = Math.round((await a.call('prep')).ms)
      const w = srv.call('waitCount', { n: N, meta }); await sleep(300)
      const t0 = Number(process.hrtime.bigint() / 1000n) / 1000; const ac = a.call('connect', { url: `http://127.0.0.1:${pa.port}` })
      const r = await w; await ac; R.up_ms = Math.round(r.t - t0); if (r.tMem) R.up_mem_ms = Math.round(r.tMem - t0); await sleep(1500)
      const sa = await pa.call('stats'), ds = du(`${work}/srv`)
      const b = await mk('device', [], 'b'); await b.call('open', { dir: `${work}/b`, dev: 'B', home: meta.home })
      const q = await b.call('pull', { url: `http://127.0.0.1:${pb.port}`, meta, n: N }); R.down_ms = Math.round(q.ms); if (q.unavailable) R.unavailable = q.unavailable; await sleep(1500)
      const sb = await pb.call('stats'), db = du(`${work}/b`), J = W.jsonBytes, x = v => +(v / J).toFixed(3)
      emit({ metric: 'catchup', ...R, up_entries_s: Math.round(N / R.up_ms * 1000), down_entries_s: Math.round(N / R.down_ms * 1000), e2e_ms: R.up_ms + R.down_ms, json_bytes: J,
        wire_a_x: x(sa.up + sa.down), wire_b_x: x(sb.up + sb.down), wire_a: [sa.up, sa.down], wire_b: [sb.up, sb.down], disk_a_x: x(da.bytes), disk_srv_x: x(ds.bytes), disk_srv_before: s0.bytes, disk_b_x: x(db.bytes), disk_srv_alloc_x: x(ds.alloc), disk_b_alloc_x: x(db.alloc), files_srv: ds.files, files_b: db.files, rss_srv_mb: hwmMB(srv.pid), rss_a_mb: hwmMB(a.pid), rss_b_mb: hwmMB(b.pid) })
      await b.call('watch'); await a.call('watch')
      if (only.has('live')) {
        const es = fresh(liveN); const p0 = await pa.call('stats'), p1 = await pb.call('stats')
        const { sent } = await a.call('live', { entries: es, gap }); let seen
        await until(async () => { seen = new Map((await b.call('seen')).seen); return sent.every(s => seen.has(s[2] ?? s[0])) }, 15000, 500)
        const lat = sent.filter(([id, , as]) => seen.has(as ?? id)).map(([id, t, as]) => seen.get(as ?? id) - t), q0 = await pa.call('stats'), q1 = await pb.call('stats')
        const jb = es.reduce((n, e) => n + Buffer.byteLength(JSON.stringify(e)), 0)
        emit({ metric: 'live', run, n: sent.length, got: lat.length, p50: pct(lat, 50), p90: pct(lat, 90), p99: pct(lat, 99), max: pct(lat, 100), wire_a_x: +((q0.up + q0.down - p0.up - p0.down) / jb).toFixed(2), wire_b_x: +((q1.up + q1.down - p1.up - p1.down) / jb).toFixed(2) })
      }
      if (only.has('photo')) {
        const ms = []; for (let i = 0; i < 3; i++) { const id = 'photo-' + run + '-' + i, h0 = await pa.call('stats')
          let f; try { f = await a.call('photo', { photo: id, chart: W.charts[i], bytes: 3e6 }, 120e3) } catch (e) { emit({ metric: 'photo', run, error: String(e).slice(0, 300) }); break }
          let ph; const ok = await until(async () => { ph = new Map((await b.call('seen')).photos); return ph.has(f.as ?? id) }, 60000, 20); ms.push(ok ? ph.get(f.as ?? id) - f.t : null); const h1 = await pa.call('stats'); if (i === 2) emit({ metric: 'photo', run, ms: ms.map(v => v && +v.toFixed(1)), wire_a_x: +((h1.up + h1.down - h0.up - h0.down) / 3e6).toFixed(2), rss_b_mb: hwmMB(b.pid), rss_srv_mb: hwmMB(srv.pid) }) }
      }
      if (only.has('durable')) {
        await a.stop(); const a2 = await mk('device', [], 'a2'); await a2.call('open', { dir: `${work}/a`, dev: 'A2', meta })
        const { ms } = await a2.call('durable', { entries: fresh(200), gap: 20 }); emit({ metric: 'durable', run, n: ms.length, p50: pct(ms, 50), p99: pct(ms, 99), first: +ms[0].toFixed(2) }); await a2.kill()
      }
      if (only.has('fanin')) for (const n of fan) {
        if (!P.load || n > (P.maxFan ?? 1e9)) continue
        const l = await mk('load', [], 'load' + n)
        try {
          const ts = Date.now(); await l.call('start', { url: `http://127.0.0.1:${port}`, n, meta, year: new Date().getFullYear() }, 180e3); const startMs = Date.now() - ts; await sleep(1000)
          const secs = +(o.secs ?? 30), c0 = cpuMs(srv.pid), l0 = cpuMs(l.pid), b0 = cpuMs(b.pid)
          const { sent } = await l.call('run', { entries: fresh(2000), period: 2000, secs }, 300e3); const c1 = cpuMs(srv.pid), l1 = cpuMs(l.pid), b1 = cpuMs(b.pid)
          let seen; await until(async () => { seen = new Map((await b.call('seen')).seen); return sent.every(([id]) => seen.has(id)) }, 30000, 1000)
          const lat = sent.filter(([id]) => seen.has(id)).map(([id, t]) => seen.get(id) - t)
          emit({ metric: 'fanin', run, clients: n, startMs, sent: sent.length, got: lat.length, p50: pct(lat, 50), p99: pct(lat, 99), srv_cpu_pct: +((c1 - c0) / secs / 10).toFixed(1), load_cpu_pct: +((l1 - l0) / secs / 10).toFixed(1), sub_cpu_pct: +((b1 - b0) / secs / 10).toFixed(1), rss_srv_mb: hwmMB(srv.pid) })
        } catch (e) { emit({ metric: 'fanin', run, clients: n, error: String(e).slice(0, 300) }) }
        await l.kill()
      }
      await b.kill(); await srv.stop(); await a.kill()
    }
    if (only.has('open')) {
      const W4 = JSON.parse(fs.readFileSync('workload-4k.json')); const s = await seeded('workload-4k.json', `${work}/o`)
      for (let i = 0; i < 3; i++) { dropCache(`${work}/o`); const e = await mk('device', [], 'o2'); const t = process.hrtime.bigint(); await e.call('open', { dir: `${work}/o`, dev: 'O', meta: s.meta }); const op = Number(process.hrtime.bigint() - t) / 1e6
        const r = await e.call('loadChart', { chart: W4.charts[0] }); emit({ metric: 'open4k', run, i, proc_start_ms: Math.round(e.readyMs), store_open_ms: +op.toFixed(1), load_ms: +r.ms.toFixed(1), total_ms: Math.round(e.readyMs + op + r.ms), entries: r.entries, bytes: r.bytes, json_bytes: W4.jsonBytes, disk_x: +(du(`${work}/o`).bytes / W4.jsonBytes).toFixed(3), rss_mb: hwmMB(e.pid) }); await e.kill() }
    }
  } catch (e) { emit({ metric: 'error', run, error: String(e?.stack ?? e).slice(0, 800) }) }
  for (const c of all) await c.kill()
}
process.exit(0)
