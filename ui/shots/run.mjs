// Renders each screen × state × frame without the app, runs axe-core on each and lays the pictures out on contact sheets.
// Usage: node shots/run.mjs FOLDER [name part…]. Needs a Chromium: CHROMIUM=/path or /usr/bin/chromium.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { build, preview } from 'vite'
import { SCREENS } from './screens.mjs'

const [folder, ...only] = process.argv.slice(2)
if (!folder || folder.startsWith('-')) {
  const asked = folder === '--help' || folder === '-h'
  ;(asked ? console.log : console.error)('usage: node shots/run.mjs FOLDER [name part…]')
  process.exit(asked ? 0 : 2)
}
const FRAMES = { portrait: [820, 1180], landscape: [1180, 820], desktop: [1440, 900], phone: [390, 844] }
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream']
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const GRAVE = ['serious', 'critical']
const AT_ONCE = 3
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const begun = Date.now()

if (only.length === 0) rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
// Built once with the way in that only development has: a page then loads in one piece.
process.env.NODE_ENV = 'development'
const root = fileURLToPath(new URL('..', import.meta.url))
const outDir = mkdtempSync(join(tmpdir(), 'meguri-shots-'))
process.on('exit', () => rmSync(outDir, { recursive: true, force: true }))
await build({ root, mode: 'development', logLevel: 'error', build: { outDir, emptyOutDir: true, minify: false, rollupOptions: { input: [join(root, 'index.html'), join(root, 'dev/words.html')] } } })
const server = await preview({ root, mode: 'development', logLevel: 'error', build: { outDir }, preview: { host: '127.0.0.1', port: 0, strictPort: false } })
const { port } = server.httpServer.address()
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGS })
const contexts = Object.fromEntries(await Promise.all(Object.entries(FRAMES).map(async ([frame, [width, height]]) => [frame, await browser.newContext({ viewport: { width, height }, locale: 'ja-JP', timezoneId: 'Asia/Tokyo', reducedMotion: 'reduce', hasTouch: width < 1280 })])))

const wanted = SCREENS.filter(([name]) => only.length === 0 || only.some((part) => name.includes(part)))
const jobs = wanted.flatMap(([name, path, states, act]) => Object.keys(FRAMES).flatMap((frame) => states.map((state) => ({ name, path, state, act, frame }))))
const queue = [...jobs]
const found = []
let grave = 0
await Promise.all(Array.from({ length: AT_ONCE }, async () => {
  for (let job = queue.shift(); job; job = queue.shift()) await shoot(job)
}))
const sheets = []
for (const [name] of wanted) for (const frame of Object.keys(FRAMES)) sheets.push(await sheet(name, frame))
await browser.close()
await new Promise((resolve) => server.httpServer.close(resolve))
for (const line of [...new Set(found)].sort()) console.log(line)
console.log(`${jobs.length} pictures on ${sheets.length} sheets in ${folder}; ${found.length} found, ${grave} of them fail; ${((Date.now() - begun) / 1_000).toFixed(0)} s`)
process.exit(grave === 0 ? 0 : 1)

function note(shot, text, fails) {
  if (fails) grave += 1
  found.push(`${fails ? 'FAIL' : 'look'} ${shot}: ${text}`)
}

async function shoot(job) {
  const { name, path, state, act, frame } = job
  const shot = `${name}${state ? ` ${state}` : ''} ${frame}`
  const page = await contexts[frame].newPage()
  page.setDefaultTimeout(15_000)
  // Before the door nobody has chosen yet, and the device says: `night` is a dark one.
  const on = state.split('+')
  if (on.includes('night')) await page.emulateMedia({ colorScheme: 'dark' })
  if (on.includes('en')) await page.addInitScript(() => Object.defineProperty(navigator, 'language', { get: () => 'en' }))
  page.on('pageerror', (error) => note(shot, `threw ${error.message}`, true))
  page.on('console', (line) => { if (line.type() === 'error' && !line.text().startsWith('Failed to load resource')) note(shot, `console ${line.text().slice(0, 160)}`, true) })
  try {
    await page.goto(`http://127.0.0.1:${port}${path}${path.includes('?') ? '&' : '?'}fake=${encodeURIComponent(state)}`)
    await page.locator('main, h1').first().waitFor()
    await page.evaluate(() => document.fonts.ready)
    await page.waitForTimeout(150)
    if (act) await act(page)
  } catch (thrown) {
    note(shot, `could not be brought about: ${String(thrown.message).split('\n')[0]}`, true)
  }
  // Without two frames in between, the lower edge may still show a page of another height.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(null)))))
  // The page of words is read, not used: all of it is on the picture.
  job.picture = await page.screenshot({ fullPage: path.startsWith('/dev/'), path: join(folder, `${shot.replace(/[ +]/g, '-')}.png`) })
  await page.evaluate(axe)
  const { violations } = await page.evaluate((runOnly) => globalThis.axe.run(document, { runOnly, resultTypes: ['violations'] }), RULES)
  for (const each of violations) note(shot, `${each.impact} ${each.id} ×${each.nodes.length} ${each.nodes[0]?.html.slice(0, 140)}`, GRAVE.includes(each.impact))
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  if (wide > 0) note(shot, `${wide} px wider than the frame`, true)
  await page.close()
}

/** All states of a screen in one frame, side by side. */
async function sheet(name, frame) {
  const own = jobs.filter((job) => job.name === name && job.frame === frame && job.picture)
  const shown = frame === 'phone' ? 390 : 620
  const page = await browser.newPage({ viewport: { width: Math.min(own.length, 3) * (shown + 16) + 16, height: 400 } })
  const cells = own.map(({ state, picture }) => `<figure><figcaption>${name} ${state || 'normal'} ${frame}</figcaption><img width="${shown}" src="data:image/png;base64,${picture.toString('base64')}"></figure>`)
  await page.setContent(`<style>body{margin:8px;display:flex;flex-wrap:wrap;background:#889}figure{margin:8px}figcaption{font:14px sans-serif;color:#fff}img{display:block}</style>${cells.join('')}`)
  const file = join(folder, `sheet-${name}-${frame}.png`)
  await page.screenshot({ path: file, fullPage: true })
  await page.close()
  return file
}
