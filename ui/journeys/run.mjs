// Journeys through the real screens over the real core and relay. Usage: node journeys/run.mjs [name part…]
// Needs a Chromium (CHROMIUM=/path or /usr/bin/chromium), the built screens and the built binaries below CARGO_TARGET_DIR.
// JOURNEY_REGION=folder keeps the region between runs, JOURNEY_SHOTS=folder keeps a picture of each screen that failed.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { missingBrowser, openBrowser } from './browser.mjs'
import { Hands, namesOf } from './hands.mjs'
import { killAll, makeOriginal, missing, Region } from './region.mjs'
import { badInput } from './bad-input.mjs'
import { detector } from './detector.mjs'
import { enrolment } from './enrolment.mjs'
import { lock } from './lock.mjs'
import { lostTablet } from './lost-tablet.mjs'
import { offlineVisit } from './offline-visit.mjs'
import { oneField } from './one-field.mjs'
import { relayRestored } from './relay-restored.mjs'
import { routineVisit } from './routine-visit.mjs'

const JOURNEYS = [detector, routineVisit, offlineVisit, oneField, enrolment, lostTablet, relayRestored, lock, badInput]

const gone = [...missing(), ...missingBrowser()]
if (gone.length > 0) {
  console.error(`journeys need: ${gone.join(', ')}`)
  process.exit(2)
}
const wanted = process.argv.slice(2)
const chosen = JOURNEYS.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
const outside = mkdtempSync(join(tmpdir(), 'meguri-journeys-'))
process.on('exit', () => { killAll(); rmSync(outside, { recursive: true, force: true, maxRetries: 5 }) })
for (const sign of ['SIGINT', 'SIGTERM']) process.on(sign, () => process.exit(1))

const seconds = (since) => ((Date.now() - since) / 1_000).toFixed(1)
const begun = Date.now()
const original = await makeOriginal(process.env.JOURNEY_REGION ?? join(outside, 'original'))
console.log(`region made: ${seconds(begun)} s`)
let failed = 0
const judged = async (journey) => {
  const since = Date.now()
  const trouble = await travel(journey)
  if (trouble.length > 0) failed += 1
  console.log(`${trouble.length === 0 ? 'ok  ' : 'FAIL'} ${journey.name}: ${seconds(since)} s`)
  for (const each of trouble) console.log(`     ${each}`)
}
// The relay has one address; only who needs none may go beside another.
const aside = chosen.filter(({ alone }) => alone).map(judged)
for (const journey of chosen.filter(({ alone }) => !alone)) await judged(journey)
await Promise.all(aside)
console.log(`${chosen.length - failed} of ${chosen.length} journeys: ${seconds(begun)} s`)
process.exit(failed === 0 && chosen.length > 0 ? 0 : 1)

/** Everything a journey did wrong, in words. */
async function travel(journey) {
  const folder = join(outside, journey.name)
  const region = new Region(original, folder, journey.alone)
  const people = []
  const names = []
  const trouble = []
  /** A person with a device and a browser of their own, unlocked unless told otherwise. */
  const person = async (who, { frame = 'portrait', unlocked = true } = {}) => {
    const browser = await openBrowser({ folder: join(folder, `browser-${who}`), frame, names, who })
    const hands = Object.assign(new Hands(browser.page), { browser, folder: join(folder, `browser-${who}`) })
    people.push(hands)
    await browser.enter(await region.serve(who))
    if (!unlocked) return hands
    await hands.unlock()
    const { rows } = await hands.ask('patient.search', { query: '', limit: 200 })
    if (names.length === 0) names.push(...namesOf(rows))
    hands.patients = rows
    return hands
  }
  try {
    if (!journey.alone) await region.startRelay()
    await journey.run({ region, person, folder })
  } catch (thrown) {
    trouble.push(String(thrown.message).split('\n').slice(0, 6).join(' · '))
    for (const [at, hands] of people.entries()) if (process.env.JOURNEY_SHOTS) await hands.page.screenshot({ path: join(process.env.JOURNEY_SHOTS, `${journey.name}-${at}.png`) }).catch(() => undefined)
  }
  for (const hands of people) {
    const found = await hands.browser.complaints(journey.expects ?? [])
    trouble.push(...(journey.judges ? await journey.judges(found) : found.map(({ kind, text }) => `${kind}: ${text}`)))
    await hands.browser.close().catch(() => undefined)
  }
  await region.close()
  if (trouble.length === 0 && journey.after) await journey.after({ folder, names, people }).catch((thrown) => trouble.push(thrown.message))
  return trouble
}
