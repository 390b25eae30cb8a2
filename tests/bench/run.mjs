// make bench: Meguri through the same harness as its peers, the core's own benches, and the table of promises.
// RUNS=3, FAN=500, OUT=<folder>; PEERS=1 (all) or PEERS="samod yjs" measures peers in the same go; CORE=0 leaves the core out.
// TRUST=0 leaves removals and enrolments out, TRUST="removal newcomer" measures these; TRUSTRUNS=3; HARNESS=0 leaves the side-by-side out.
// node tests/bench/run.mjs <built meguri-bench> <scratch folder>
import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

const here = import.meta.dirname
const [bin, scratch] = process.argv.slice(2).map(p => path.resolve(p))
const runs = process.env.RUNS ?? '3', fan = process.env.FAN ?? '500', core = process.env.CORE ?? '1'
const all = ['samod', 'yjs', 'pouchdb', 'automerge']
const asked = process.env.PEERS ?? ''
const peers = asked === '1' ? all : asked.split(/[\s,]+/).filter(p => p && p !== '0')
const out = process.env.OUT ? path.resolve(process.env.OUT) : path.join(scratch, 'results')
const env = { ...process.env, MEGURI_BENCH: bin }
const run = (cmd, args, more = {}) => {
  const done = spawnSync(cmd, args, { stdio: ['ignore', 'inherit', 'inherit'], cwd: scratch, env, ...more })
  if (done.status !== 0) throw new Error(`${cmd} ${args.join(' ')}: ${done.status ?? done.signal}`)
}

// ---- the harness runs in a folder of its own; packages of peers stay there between runs
fs.mkdirSync(scratch, { recursive: true })
fs.rmSync(out, { recursive: true, force: true })
fs.mkdirSync(out, { recursive: true })
for (const name of fs.readdirSync(path.join(here, 'peers')))
  fs.cpSync(path.join(here, 'peers', name), path.join(scratch, name), { recursive: true })
if (!fs.existsSync(`${scratch}/workload.json`)) run('node', ['lib/workload.mjs', '--out', 'workload.json'])
if (!fs.existsSync(`${scratch}/workload-4k.json`))
  run('node', ['lib/workload.mjs', '--charts', '1', '--per', '4000', '--seed', '2', '--out', 'workload-4k.json'])

// ---- Meguri; recordings are made anew, because they hold this version's own files
const bench = (peer, more, extra = {}) => run('node', ['bench.mjs', '--peer', peer, '--gap', '100', '--out', `${out}/${peer}.jsonl`, '--work', `${scratch}/.scratch/run-${peer}`, ...more], extra)
const ours = ['--with', path.join(here, 'meguri.mjs')]
fs.rmSync(`${scratch}/.scratch/seeds/meguri`, { recursive: true, force: true })
fs.rmSync(`${scratch}/.scratch/seeds-fan`, { recursive: true, force: true })
const harness = process.env.HARNESS !== '0'
if (harness) bench('meguri', [...ours, '--runs', runs, '--only', process.env.ONLY ?? 'catchup,live,photo,durable,open'])
if (harness && +fan > 0)
  bench('meguri', [...ours, '--runs', process.env.FANRUNS ?? '1', '--only', 'fanin', '--fan', fan, '--seeds', '.scratch/seeds-fan', '--out', `${out}/fan.jsonl`], { env: { ...env, MEGURI_BENCH_LIGHT: fan } })

// ---- the core and the sealing, by their own benches
if (core !== '0') {
  const cargo = (...args) => execFileSync('cargo', args, { encoding: 'utf8', cwd: path.join(here, '../..'), stdio: ['ignore', 'pipe', 'inherit'] })
  fs.writeFileSync(`${out}/core.txt`, cargo('bench', '--locked', '--quiet', '-p', 'meguri-replica', '--bench', 'core'))
}
fs.writeFileSync(`${out}/keys.jsonl`, execFileSync(bin, ['keys'], { encoding: 'utf8', cwd: scratch }))

// ---- a lost, a new and a five-hundredth device; recorded regions stay in the cache folder
const trust = process.env.TRUST ?? '1'
if (trust !== '0') {
  const names = trust === '1' ? [] : trust.split(/[\s,]+/).filter(Boolean)
  fs.writeFileSync(`${out}/trust.jsonl`, execFileSync(bin, ['trust', scratch, ...names], { encoding: 'utf8', cwd: scratch, env: { ...env, TRUSTRUNS: process.env.TRUSTRUNS ?? runs }, stdio: ['ignore', 'pipe', 'inherit'] }))
}

// ---- peers beside it
if (peers.length) {
  if (peers.some(p => p !== 'samod') && !fs.existsSync(`${scratch}/node_modules`)) run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'])
  if (peers.includes('samod')) run('cargo', ['build', '--release', '--quiet'], { cwd: `${scratch}/samod-bench`, env: { ...env, CARGO_TARGET_DIR: `${scratch}/samod-bench/target` } })
  for (const peer of peers) bench(peer, ['--runs', runs, '--only', 'catchup,live,photo,durable,open'])
}

const table = execFileSync('node', [path.join(here, 'promises.mjs'), out], { encoding: 'utf8' })
fs.writeFileSync(`${out}/promises.md`, table)
console.log(`\n${table}\nResults: ${out}`)
