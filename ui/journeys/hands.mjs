/** What a person does with the screens: tap, type, read. Counts the taps. */
import { check, until } from './check.mjs'

export class Hands {
  taps = 0
  constructor(page) {
    this.page = page
  }

  button(name, exact = typeof name === 'string') {
    return this.page.getByRole('button', { name, exact })
  }

  async tap(target) {
    const place = typeof target === 'string' || target instanceof RegExp ? this.button(target) : target
    this.taps += 1
    await place.first().click()
  }

  /** Figures on the large keys. */
  async keys(figures) {
    for (const figure of figures) await this.tap(figure === '.' ? '小数点' : figure)
  }

  /** Asks the core as the screens do. */
  async ask(name, req) {
    const answer = await this.page.evaluate(async ([path, body]) => {
      const response = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
      return { ok: response.ok, body: await response.json() }
    }, [`/rpc/${name}`, JSON.stringify(req)])
    check(answer.ok, `${name} was refused: ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  /** By the passphrase the practice profile shows. */
  async unlock() {
    await this.button('入れる').click()
    await this.button('開く').click()
    await this.page.getByRole('navigation', { name: 'おもな画面' }).waitFor()
  }

  /** From the search to a chart, as one would. */
  async openChart(patient) {
    const patients = this.page.getByRole('link', { name: '患者', exact: true })
    if (!(await patients.isVisible())) await this.page.getByRole('link', { name: 'もどる' }).click()
    await patients.click()
    await this.page.getByRole('searchbox').fill(fullName(patient))
    await this.page.locator(`a[href="/patients/${patient.patientId}"]`).first().click()
    await this.page.getByRole('heading', { level: 1, name: fullName(patient) }).waitFor()
  }

  async beginVisit() {
    await this.page.getByRole('link', { name: /^(訪問を記録する|記録)$/ }).first().click()
    await this.page.getByRole('navigation', { name: '記録の段' }).waitFor()
  }

  async step(name) {
    await this.page.getByRole('navigation', { name: '記録の段' }).getByRole('button', { name }).click()
  }

  chip() {
    return this.page.locator('a[href="/sync"][aria-label]').first()
  }

  /** How many entries are on this device alone, as the chip says. */
  async unsent() {
    const words = await this.chip().getAttribute('aria-label')
    const count = /(未送信|送信中) (\d+)件/.exec(words ?? '')
    return count ? Number(count[2]) : 0
  }

  async allSent(ms) {
    const chip = this.page.locator('a[href="/sync"][aria-label^="すべて送った"]')
    await until('everything is sent', () => chip.first().isVisible(), ms)
  }

  /** Whoever knows that the network is back need not wait until the device finds out. */
  async tryNow() {
    await this.ask('sync.now', {})
  }

  entries() {
    return this.page.locator('article[data-entry]')
  }
}

export const fullName = (patient) => `${patient.name.family} ${patient.name.given}`

/** All words that point to a patient: kanji and kana. */
export function namesOf(patients) {
  return patients.flatMap(({ name, kana }) => [name.family, name.given, kana.family, kana.given]).filter((word) => word.length > 1)
}

/** A picture the browser draws, as a camera would hand it over. */
export async function jpeg(page) {
  const url = await page.evaluate(() => {
    const canvas = document.createElement('canvas')
    canvas.width = 1200
    canvas.height = 900
    const pen = canvas.getContext('2d')
    pen.fillStyle = '#d9c0ae'
    pen.fillRect(0, 0, 1200, 900)
    pen.fillStyle = '#a5665c'
    pen.beginPath()
    pen.ellipse(600, 400, 180, 130, 0, 0, 7)
    pen.fill()
    return canvas.toDataURL('image/jpeg', 0.9)
  })
  return { name: 'picture.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(url.split(',')[1], 'base64') }
}
