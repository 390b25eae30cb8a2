// Renders each screen × frame × state without the app and runs axe-core on each. Usage: node shots/shots.mjs FOLDER [name part]
// Needs a Chromium: CHROMIUM=/path or /usr/bin/chromium.
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { createServer } from 'vite'

const [folder, only = ''] = process.argv.slice(2)
if (!folder) {
  console.error('usage: node shots/shots.mjs FOLDER [name part]')
  process.exit(2)
}
mkdirSync(folder, { recursive: true })
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const frames = { portrait: [820, 1180], landscape: [1180, 820], desktop: [1440, 900], phone: [390, 844] }
const screens = [
  ['lock', '/', ['locked', 'locked+demo', 'pin', 'locked+en', 'pin+dark']],
  ['create', '/', ['new', 'new+en']],
  ['home', '/', ['', 'empty', 'error', 'long', 'dark', 'en']],
  ['patients', '/patients', ['', 'empty', 'error', 'long', 'dark', 'en']],
  ['register', '/register', ['', 'en']],
  ['sync', '/sync', ['', 'empty', 'error', 'parked', 'long', 'dark', 'en']],
  ['enrol', '/enrol', ['', 'en']],
  ['settings', '/settings', ['', 'error', 'dark', 'en']],
  ['about', '/about', ['']],
]

const server = await createServer({ server: { port: 5199, strictPort: true } })
await server.listen()
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})
let bad = 0
for (const [name, path, states] of screens) {
  for (const state of states) {
    for (const [frame, [width, height]] of Object.entries(frames)) {
      const shot = `${name}${state ? `-${state}` : ''}-${frame}`
      if (!shot.includes(only)) continue
      const page = await browser.newPage({ viewport: { width, height }, locale: 'ja-JP', timezoneId: 'Asia/Tokyo', reducedMotion: 'reduce' })
      page.on('pageerror', (error) => { bad += 1; console.log(`${shot}: threw ${error.message}`) })
      await page.goto(`http://127.0.0.1:5199${path}?fake=${encodeURIComponent(state)}`, { waitUntil: 'networkidle' })
      await page.evaluate(() => document.fonts.ready)
      await page.screenshot({ path: join(folder, `${shot}.png`) })
      await page.evaluate(axe)
      const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }))
      for (const each of found.violations) { bad += 1; console.log(`${shot}: ${each.id} ${each.nodes[0]?.html.slice(0, 160)}`) }
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      if (wide > 0) { bad += 1; console.log(`${shot}: ${wide} px wider than the frame`) }
      await page.close()
    }
  }
}
await browser.close()
await server.close()
console.log(bad === 0 ? 'nothing found' : `${bad} found`)
process.exit(bad === 0 ? 0 : 1)
