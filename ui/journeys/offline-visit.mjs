/** A nurse writes vitals, a note and a photo where there is no network; later the physician's screen shows them by itself. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { check, until } from './check.mjs'
import { jpeg, namesOf } from './hands.mjs'
import { files } from './region.mjs'

const FIRST = '長女へ電話、塩分の相談。'
const NOTE = '足のむくみ、昨日より軽い。夜は眠れた。'

/** With a network a new note stands on the open chart of a colleague by itself. */
async function online(nurse, doctor, patient) {
  await nurse.openChart(patient)
  await nurse.beginVisit()
  await nurse.step(/記録/)
  await nurse.page.getByLabel(/^S/).fill(FIRST)
  await nurse.step(/確認/)
  await nurse.button('確定してこの端末に保存する').click()
  const saved = Date.now()
  await until('the note stands there too', () => doctor.page.getByText(FIRST).first().isVisible(), 10_000)
  console.log(`     a note written with a network: ${Date.now() - saved} ms from the tap to the colleague's screen`)
}

export const offlineVisit = {
  name: 'offline-visit',
  async run({ region, person }) {
    const nurse = await person('nurse')
    const doctor = await person('doctor', { frame: 'desktop' })
    const patient = nurse.patients.find((each) => each.unsentCount === 0)
    await nurse.allSent(30_000)
    await doctor.allSent(30_000)
    await doctor.openChart(patient)
    await online(nurse, doctor, patient)
    await nurse.allSent(10_000)
    const had = (await doctor.ask('chart.timeline', { patientId: patient.patientId, limit: 1 })).total

    await region.stopRelay()
    await nurse.openChart(patient)
    await nurse.beginVisit()
    await nurse.keys('36.5')
    await nurse.page.getByLabel('脈拍 /分').fill('72')
    await nurse.step(/記録/)
    await nurse.page.getByLabel(/^S/).fill(NOTE)
    await nurse.step(/写真/)
    await nurse.page.locator('input[type=file]').setInputFiles(await jpeg(nurse.page))
    await nurse.page.getByText('写真はこの端末に残りました').waitFor()
    await nurse.step(/確認/)
    for (const answer of await nurse.button('このまま記録する').all()) await answer.click()
    await nurse.button('確定してこの端末に保存する').click()

    await until('three entries are only here', async () => (await nurse.page.getByText('未送信・この端末だけ').count()) === 3)
    check((await nurse.unsent()) === 3, `the chip counts ${await nurse.unsent()} of 3`)
    await nurse.chip().click()
    await nurse.page.getByRole('heading', { name: '3件は、まだこの端末だけにあります' }).waitFor()
    await nurse.page.getByText('中継サーバーが答えません').first().waitFor({ timeout: 30_000 })
    check((await doctor.ask('chart.timeline', { patientId: patient.patientId, limit: 1 })).total === had, 'nothing can have arrived yet')

    await region.startRelay()
    await doctor.tryNow()
    await nurse.button('今すぐつなぐ').click()
    await nurse.page.getByRole('heading', { name: 'この端末の記録は、すべて送りました' }).waitFor({ timeout: 30_000 })
    check((await nurse.unsent()) === 0, 'the chip still counts')
    const back = Date.now()
    await until('the note stands on the physician’s screen', () => doctor.page.getByText(NOTE).first().isVisible())
    await until('the picture is drawn there', () => doctor.page.locator('article[data-entry] img').first().evaluate((image) => image.naturalWidth > 0).catch(() => false))
    console.log(`     shown to the physician ${Date.now() - back} ms after it had left the nurse`)
    check((await doctor.ask('chart.timeline', { patientId: patient.patientId, limit: 1 })).total === had + 3, 'three entries arrived')
  },
  /** What the browser left behind holds nothing of a chart. */
  async after({ people }) {
    const words = [...new Set([NOTE, ...people.flatMap(({ patients }) => patients.map(({ name }) => name.family + name.given)), ...namesOf(people[0].patients).filter((word) => word.length > 3)])]
    const needles = words.flatMap((word) => [Buffer.from(word), Buffer.from(word, 'utf16le')])
    for (const { folder } of people) {
      let count = 0
      for (const [path, bytes] of files(folder, readdirSync)) {
        count += 1
        const at = needles.findIndex((needle) => bytes.includes(needle))
        if (at >= 0) throw new Error(`${path.slice(folder.length)} holds words of a chart: ${words[at >> 1]}`)
      }
      check(count > 10, `the browser's folder ${join(folder)} holds only ${count} files`)
    }
  },
}
