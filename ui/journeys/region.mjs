/** A region of its own for each journey: the real relay and the real core as processes on loopback, in a folder that is thrown away. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const run = promisify(execFile)
const target = process.env.CARGO_TARGET_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'meguri/target')
const bin = (name) => join(target, 'debug', name)
const screens = process.env.JOURNEY_SCREENS ?? new URL('../dist', import.meta.url).pathname
/** A keystore of the person who runs this stays untouched. */
const { DBUS_SESSION_BUS_ADDRESS: _, MEGURI_PROFILE: __, MEGURI_PASSPHRASE: ___, ...env } = process.env

/** A proxy that is not there. */
const NOBODY = 'http://127.0.0.1:9'

export const PASSPHRASE = 'demo no tsubaki michi'
export const PIN = '402915'

/** What is missing before a journey can begin; empty when nothing is. */
export function missing() {
  return [bin('meguri'), bin('meguri-relay'), join(screens, 'index.html')].filter((file) => !existsSync(file))
}

async function freePort() {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/** As much of the courses as journeys need: what is usual for a person is known after five values. */
const DAYS = '30'

/** Made once by the product's own command; each journey gets a copy. One that was made before is taken as it is. */
export async function makeOriginal(folder) {
  const before = join(folder, 'demo.toml')
  if (existsSync(before)) return { folder, port: Number(/listen = "127\.0\.0\.1:(\d+)"/.exec(readFileSync(before, 'utf8'))[1]) }
  const port = await freePort()
  await run(bin('meguri'), ['demo', folder, '--port', String(port), '--days', DAYS], { env })
  return { folder, port }
}

export class Region {
  #started = []
  #relay = null
  #env
  /** A region `alone` has no relay, and its people reach no other: they may be about while another journey goes on. */
  constructor(original, folder, alone) {
    this.#env = alone ? { ...env, HTTP_PROXY: NOBODY, http_proxy: NOBODY } : env
    cpSync(original.folder, folder, { recursive: true })
    this.folder = folder
    this.port = original.port
    const authority = `127.0.0.1:${original.port}`
    this.config = join(folder, 'journey.toml')
    writeFileSync(this.config, `data = ${JSON.stringify(this.#data)}\nlisten = "${authority}"\nauthority = "${authority}"\n`)
  }

  async startRelay() {
    this.#relay = start(bin('meguri-relay'), ['serve', '--config', this.config])
    const until = Date.now() + 10_000
    for (;;) {
      const well = await fetch(`http://127.0.0.1:${this.port}/healthz`).then((answer) => answer.ok, () => false)
      if (well) return
      if (Date.now() > until || this.#relay.exitCode !== null) throw new Error(`the relay does not answer: ${this.#relay.said()}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  async stopRelay() {
    if (this.#relay) await end(this.#relay)
    this.#relay = null
  }

  get #data() {
    return join(this.folder, 'relay')
  }

  /** Keeps what the relay has; `restoreRelay` brings it back, and what came since is unknown to it. */
  async keepRelay() {
    await this.stopRelay()
    cpSync(this.#data, `${this.#data}.kept`, { recursive: true })
    await this.startRelay()
  }

  async restoreRelay() {
    await this.stopRelay()
    rmSync(this.#data, { recursive: true })
    renameSync(`${this.#data}.kept`, this.#data)
    await this.startRelay()
  }

  /** The operator's nightly backup, while the relay serves. */
  async backUpRelay() {
    await run(bin('meguri-relay'), ['backup', '--data', this.#data, '--to', `${this.#data}.backup`], { env })
  }

  /** The relay's disk is gone; the operator makes it again from the backup, under a new store. */
  async loseRelay() {
    await this.stopRelay()
    renameSync(this.#data, `${this.#data}.lost`)
    await run(bin('meguri-relay'), ['restore', '--from', `${this.#data}.backup`, '--data', this.#data], { env })
    await this.startRelay()
  }

  /** And again, this time with the backup; of the old relay only its keys are left, and every device shows the region's number. */
  async loseRelayAndBackup(number) {
    await this.stopRelay()
    rmSync(this.#data, { recursive: true })
    rmSync(`${this.#data}.backup`, { recursive: true })
    await run(bin('meguri-relay'), ['rebuild', '--data', this.#data, '--directory', number, '--keys', `${this.#data}.lost`], { env })
    await this.startRelay()
  }

  profile(person) {
    return join(this.folder, person)
  }

  /** Serves a person's screens; a person without a folder begins on a fresh device. The address lets in once. */
  async serve(person) {
    mkdirSync(this.profile(person), { recursive: true })
    const served = start(bin('meguri'), ['--profile', this.profile(person), 'serve', '--ui', screens], this.#env)
    this.#started.push(served)
    const lines = createInterface({ input: served.stdout })
    const first = await Promise.race([once(lines, 'line').then(([line]) => line), once(served, 'exit').then(() => null)])
    if (!first) throw new Error(`serve ended: ${served.said()}`)
    return first
  }

  async close() {
    await Promise.all(this.#started.map(end))
    await this.stopRelay()
  }
}

const running = new Set()

/** Nothing outlives the journeys, however they end. */
export function killAll() {
  for (const child of running) child.kill('SIGKILL')
}

function start(file, args, surroundings = env) {
  const child = spawn(file, args, { env: surroundings, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  child.once('exit', () => running.delete(child))
  let said = ''
  child.stderr.on('data', (part) => { said = (said + part).slice(-4_000) })
  child.said = () => said
  return child
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGINT')
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await gone
  clearTimeout(late)
}

/** Every file below a folder, as bytes. */
export function* files(folder, list) {
  for (const entry of list(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* files(path, list)
    else if (entry.isFile()) yield [path, readFileSync(path)]
  }
}
