/** Two people change one field while there is no network: both values are shown, a person chooses, both devices agree. */
import { check, until } from './check.mjs'

const MINE = '0000-22-1122'
const THEIRS = '0000-22-1172'

export const oneField = {
  name: 'one-field',
  async run({ region, person }) {
    const nurse = await person('nurse')
    const doctor = await person('doctor', { frame: 'desktop' })
    await nurse.allSent(30_000)
    await doctor.allSent(30_000)
    const [patient] = nurse.patients
    const { patientId } = patient
    const put = (hands, phone, high) => Promise.all([
      hands.ask('state.put', { patientId, kind: 'identity', id: patientId, fields: { phone } }),
      hands.ask('state.put', { patientId, kind: 'threshold', id: 'weight', fields: { limit: { high, reason: '心不全' } } }),
    ])
    await region.stopRelay()
    await put(nurse, MINE, '58.0')
    await put(doctor, THEIRS, '58.5')
    await region.startRelay()
    await Promise.all([nurse, doctor].map((hands) => hands.tryNow()))
    const settled = (hands, count) => until(`${count} fields with two values`, async () => (await hands.ask('patient.show', { patientId })).conflicts === count, 30_000)
    await settled(nurse, 2)
    await settled(doctor, 2)

    await doctor.openChart(patient)
    await doctor.page.getByRole('link', { name: '二つの値 2' }).waitFor()
    await nurse.openChart(patient)
    await nurse.page.getByRole('link', { name: '二つの値 2' }).click()
    for (let left = 2; left > 0; left -= 1) {
      const title = nurse.page.getByRole('heading', { level: 2, name: /どちらにしますか/ })
      const field = await title.innerText()
      const cards = nurse.page.locator('section[aria-labelledby=which] > div > div')
      check((await cards.count()) === 2, 'both values stand side by side')
      const wanted = field.includes('電話') ? THEIRS : '58.0'
      await cards.filter({ hasText: wanted }).getByRole('button', { name: 'こちらにする' }).click()
      await until('the question is answered', async () => left === 1 ? nurse.page.getByText('2つの値がある欄はありません').isVisible() : (await title.innerText()) !== field)
    }
    await settled(nurse, 0)
    await settled(doctor, 0)
    const shown = await Promise.all([nurse, doctor].map((hands) => hands.ask('patient.show', { patientId })))
    for (const header of shown) {
      check(header.phone === THEIRS, `the telephone is ${header.phone}`)
      check(header.thresholds.some(({ measure, high }) => measure === 'weight' && high === '58.0'), 'the chosen limit stands on both')
    }
    await until('the physician’s open chart shows the chosen number and no question', async () => (await doctor.page.getByText(THEIRS).count()) > 0 && (await doctor.page.getByRole('link', { name: /二つの値/ }).count()) === 0)
  },
}
