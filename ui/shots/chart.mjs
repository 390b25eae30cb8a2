// Renders the screens of a chart × frame × state without the app and runs axe-core on each. Usage: node shots/chart.mjs FOLDER [name part]
// Needs a Chromium: CHROMIUM=/path or /usr/bin/chromium.
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { createServer } from 'vite'

const [folder, only = ''] = process.argv.slice(2)
if (!folder) {
  console.error('usage: node shots/chart.mjs FOLDER [name part]')
  process.exit(2)
}
mkdirSync(folder, { recursive: true })
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const frames = { portrait: [820, 1180], landscape: [1180, 820], desktop: [1440, 900], phone: [390, 844] }
const chart = `/patients/${encodeURIComponent('p-サトウ-ハナコ')}`
const button = (page, name) => page.getByRole('button', { name, exact: true })
const type = async (page, keys) => { for (const key of keys) await button(page, key === '.' ? '小数点' : key).click() }
const toStep = (name) => async (page) => { await page.getByRole('navigation', { name: /記録の段|Steps/ }).getByRole('button', { name }).click() }
const asking = async (page) => { await type(page, '36.8'); await type(page, '138'); await type(page, '76'); await button(page, '次へ 脈拍').click(); await type(page, '96'); await button(page, '次へ SpO₂').click(); await type(page, '91'); await button(page, 'O₂ 1.0 L/分').click(); await page.getByRole('alert').first().waitFor() }
const confirming = async (page) => { await asking(page); await page.getByRole('button', { name: '91のまま記録する' }).click(); await toStep(/記録/)(page); await button(page, '著変なし').click(); await page.waitForTimeout(400); await toStep(/確認/)(page); await page.waitForTimeout(300) }

const screens = [
  ['chart', chart, ['', 'dark', 'en', 'empty', 'error', 'many', 'conflict'], null],
  ['summary', `${chart}/summary`, [''], null],
  ['entry', chart, ['', 'dark'], async (page) => { await page.locator('[data-entry]').nth(4).getByRole('button').first().click() }],
  ['amend', chart, [''], async (page) => { await page.locator('[data-entry]').nth(3).getByRole('button').first().click(); await button(page, '訂正する').click() }],
  ['trends', `${chart}/trends`, ['', 'dark', 'en', 'empty'], async (page) => { await page.waitForTimeout(300) }],
  ['visit', `${chart}/visit`, ['', 'en'], null],
  ['asking', `${chart}/visit`, ['', 'dark'], asking],
  ['slip', `${chart}/visit`, [''], async (page) => { await type(page, '365'); await button(page, '次へ 血圧').click(); await page.getByRole('alert').first().waitFor() }],
  ['whynot', `${chart}/visit`, [''], async (page) => { await button(page, '測っていない…').click() }],
  ['note', `${chart}/visit`, ['', 'en'], toStep(/記録|Note/)],
  ['photo', `${chart}/visit`, ['', 'en'], async (page) => { await toStep(/写真|Photo/)(page); await page.waitForTimeout(500) }],
  ['confirm', `${chart}/visit`, ['', 'dark'], confirming],
  ['viewer', `${chart}/photos/none`, [''], async (page) => { await page.getByRole('button', { name: '2枚をくらべる' }).click(); await page.waitForTimeout(300) }],
  ['conflict', `${chart}/conflicts`, ['conflict', 'conflict+en', 'conflict+dark'], null],
]

const server = await createServer({ server: { port: 5298, strictPort: true } })
await server.listen()
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'],
})
let bad = 0
for (const [name, path, states, act] of screens) {
  for (const state of states) {
    for (const [frame, [width, height]] of Object.entries(frames)) {
      const shot = `${name}${state && state !== name ? `-${state.replace('conflict+', '')}` : ''}-${frame}`
      if (!shot.includes(only)) continue
      const page = await browser.newPage({ viewport: { width, height }, locale: 'ja-JP', timezoneId: 'Asia/Tokyo', reducedMotion: 'reduce', hasTouch: width < 1280 })
      page.setDefaultTimeout(8_000)
      page.on('pageerror', (error) => { bad += 1; console.log(`${shot}: threw ${error.message}`) })
      page.on('console', (line) => { if (line.type() === 'error' && !line.text().includes('favicon')) console.log(`${shot}: console ${line.text().slice(0, 200)}`) })
      await page.goto(`http://127.0.0.1:5298${path}?fake=${encodeURIComponent(state)}`, { waitUntil: 'networkidle' })
      await page.evaluate(() => document.fonts.ready)
      try {
        if (act) await act(page)
      } catch (thrown) {
        bad += 1
        console.log(`${shot}: could not be brought about: ${String(thrown.message).split('\n')[0]}`)
      }
      await page.screenshot({ path: join(folder, `${shot}.png`) })
      await page.evaluate(axe)
      const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }))
      for (const each of found.violations) { bad += 1; console.log(`${shot}: ${each.id} ×${each.nodes.length} ${each.nodes[0]?.html.slice(0, 160)}`) }
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
