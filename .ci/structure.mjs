// House rules that no compiler holds: who may depend on whom, one crypto library, nothing of a workplace in the tree.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'

const run = (cmd, ...args) => execFileSync(cmd, args, { encoding: 'utf8', maxBuffer: 256e6 })
const problems = []

// ---- dependency directions (ARCHITECTURE.md, "Who may depend on whom"); dev-dependencies are free but for the relay.
const mayDepend = {
  'meguri-wire': [],
  'meguri-clinical': [],
  'meguri-picture': [],
  'meguri-seal': ['wire'],
  'meguri-chart': ['clinical'],
  'meguri-sync': ['wire'],
  'meguri-replica': ['chart', 'seal', 'wire', 'clinical'],
  'meguri-commands': ['replica', 'sync', 'picture', 'clinical', 'seal', 'wire', 'chart'],
  'meguri-device': ['commands', 'replica', 'sync', 'picture', 'clinical', 'seal', 'wire'],
  'meguri-relay': ['wire'],
  'meguri-verify': ['wire', 'seal', 'chart'],
  'meguri-cli': ['device', 'commands', 'clinical', 'wire', 'relay'],
  'meguri-app': ['device', 'commands'],
  'meguri-testkit': null,
  'meguri-tests': null,
  'meguri-bench': null,
}
const metadata = JSON.parse(run('cargo', 'metadata', '--format-version', '1', '--no-deps', '--locked'))
for (const p of metadata.packages) {
  const allowed = mayDepend[p.name]
  if (allowed === undefined) problems.push(`package ${p.name} has no line in .ci/structure.mjs`)
  if (!allowed) continue
  for (const d of p.dependencies) {
    if (!d.name.startsWith('meguri-') || d.kind === 'dev') continue
    if (!allowed.includes(d.name.slice('meguri-'.length))) problems.push(`${p.name} must not depend on ${d.name}`)
  }
}

// ---- one TLS and signature library (ring); SQLCipher brings its own OpenSSL, statically.
const lock = fs.readFileSync('Cargo.lock', 'utf8')
for (const name of ['aws-lc-rs', 'aws-lc-sys', 'native-tls', 'openssl', 'boring', 'mbedtls', 'sequoia-openpgp'])
  if (lock.includes(`name = "${name}"\n`)) problems.push(`a second crypto library is in the tree: ${name}`)

// ---- pure crates name no clock, randomness, file or socket.
const pure = ['wire', 'seal', 'clinical', 'picture', 'chart', 'sync']
const impure = /\b(SystemTime::now|Instant::now|std::fs|std::net|getrandom::|tokio::|reqwest::|thread_rng|OsRng)\b/
for (const c of pure)
  for (const f of run('git', 'ls-files', `crates/${c}/src`).trim().split('\n').filter(Boolean)) {
    const hit = impure.exec(fs.readFileSync(f, 'utf8'))
    if (hit) problems.push(`${f}: a pure crate names ${hit[1]}`)
  }

// ---- files that must not be in the tree, and lockfiles that name a private registry.
const files = run('git', 'ls-files').trim().split('\n').filter(f => fs.existsSync(f))
for (const f of files) if (/(^|\/)(rust-toolchain(\.toml)?|\.npmrc)$/.test(f)) problems.push(`${f} must not be in the tree`)
for (const f of files.filter(f => f.endsWith('package-lock.json')))
  for (const m of fs.readFileSync(f, 'utf8').matchAll(/"resolved": "https?:\/\/([^/"]+)/g))
    if (m[1] !== 'registry.npmjs.org') { problems.push(`${f} names the host ${m[1]}`); break }

// ---- what stands in a field is kept on disk, in clear, by a browser that was not told otherwise.
for (const f of files.filter(f => /^ui\/src\/.*\.tsx$/.test(f) && !f.endsWith('.spec.tsx')))
  for (const [field] of fs.readFileSync(f, 'utf8').matchAll(/<(?:input|textarea|TextInput|PasswordInput|Textarea)\b[^]*?\/>/g))
    if (!/autoComplete=|type="(file|checkbox|radio|range)"/.test(field)) problems.push(`${f}: a field without autoComplete: ${field.slice(0, 60)}`)

if (problems.length) {
  console.error(problems.map(p => `  ${p}`).join('\n'))
  process.exit(1)
}
console.log(`structure: ${metadata.packages.length} packages, ${files.length} files, no problem`)
