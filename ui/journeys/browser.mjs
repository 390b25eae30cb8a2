/** Browsers that watch themselves: whatever a policy reports, a console complains of, a page throws, or asks of a foreign origin, fails the journey. */
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream']
export const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
export const FRAMES = { portrait: [820, 1180], landscape: [1180, 820], desktop: [1440, 900], phone: [390, 844] }

export function missingBrowser() {
  return existsSync(executablePath) ? [] : [executablePath]
}

/** A refusal is an answer the screens put into words; the browser writes a line about its status all the same. */
const STATUS_LINE = /^Failed to load resource: the server responded with a status of 4\d\d/

/**
 * One person's browser with a folder of its own, as a device would keep it.
 * `names` are words that may stand neither in an address nor in a title.
 */
export async function openBrowser({ folder, frame, names, who }) {
  const [width, height] = FRAMES[frame]
  const context = await chromium.launchPersistentContext(folder, {
    executablePath, args: ARGS, viewport: { width, height }, locale: 'ja-JP', timezoneId: 'Asia/Tokyo', reducedMotion: 'reduce', hasTouch: frame !== 'desktop',
  })
  context.setDefaultTimeout(15_000)
  const seen = { found: [], refusals: [], foreign: new Set() }
  const note = (kind, text) => seen.found.push({ kind, text: `${who}: ${text}` })
  let home = null
  const named = (kind, text) => {
    const clear = decoded(text)
    for (const name of names) if (clear.includes(name)) note(kind, `${kind} holds a patient's name`)
  }
  await context.exposeBinding('__reported', (_, report) => note('policy', report))
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => globalThis.__reported(`${event.violatedDirective} ${event.blockedURI}`))
    const told = new Set()
    const look = () => { if (!told.has(document.title)) { told.add(document.title); globalThis.__titled(document.title) } }
    addEventListener('DOMContentLoaded', () => { look(); new MutationObserver(look).observe(document.head, { subtree: true, childList: true, characterData: true }) })
  })
  await context.exposeBinding('__titled', (_, title) => named('title', title))
  context.on('request', (request) => {
    const url = new URL(request.url())
    named('address', request.url())
    if (/^(https?|wss?):$/.test(url.protocol) && url.origin !== home) note('foreign', `${request.method()} ${url.origin}`)
    if (url.protocol === 'data:') note('foreign', 'data:')
  })
  context.on('response', (response) => {
    if (response.status() < 400) return
    const unread = new Promise((resolve) => setTimeout(resolve, 2_000, { code: `status ${response.status()}` }))
    const reading = Promise.race([response.json(), unread]).then((body) => body.code, () => `status ${response.status()}`)
    seen.refusals.push(reading.then((code) => ({ name: new URL(response.url()).pathname, code })))
  })
  const watch = (page) => {
    page.on('pageerror', (error) => note('thrown', error.message))
    page.on('console', (line) => {
      if (line.type() === 'error' && !(STATUS_LINE.test(line.text()) && line.location().url.startsWith(`${home}/`))) note('console', line.text().slice(0, 300))
    })
    page.on('framenavigated', (moved) => { if (moved === page.mainFrame()) named('address', moved.url()) })
    page.on('crash', () => note('thrown', 'the page crashed'))
  }
  for (const page of context.pages()) watch(page)
  context.on('page', watch)
  const page = context.pages()[0] ?? await context.newPage()
  return {
    page,
    async enter(address) {
      home = new URL(address).origin
      await page.goto(address)
    },
    /** What was seen so far; a refusal that nobody expected counts. */
    async complaints(expected) {
      const refusals = await Promise.all(seen.refusals)
      const surprises = refusals.filter(({ code }) => !expected.includes(code)).map(({ name, code }) => ({ kind: 'refusal', text: `${who}: ${name} ${code}` }))
      return [...seen.found, ...surprises]
    },
    close: () => context.close(),
  }
}

function decoded(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
