/** A new device joins by the screens: a code on one, typed on the other, six digits compared; and what goes wrong on the way. */
import { check, until } from './check.mjs'

export const NAME = '三浦 千秋'
export const SECRET = 'kaze no toorimichi 27'

export const enrolment = {
  name: 'enrolment',
  expects: ['bad_enrol_code', 'enrol_expired', 'digits_differ', 'not_found', 'not_enrolled'],
  async run({ region, person }) {
    const nurse = await person('nurse')
    await nurse.allSent(30_000)
    let newcomer = await person('newcomer', { frame: 'phone', unlocked: false })
    await newcomer.page.getByRole('heading', { level: 1, name: 'この端末で始める' }).waitFor()

    await region.keepRelay()
    const first = await offer(nurse)
    await join(newcomer, first.address.slice(0, -1))
    await newcomer.page.getByText('登録コードに打ちまちがいがあります').waitFor()

    // After ten minutes the relay knows nothing of the code; nor does one as it was before.
    await region.restoreRelay()
    await join(newcomer, first.address)
    await newcomer.page.getByText('登録コードの10分が過ぎました').waitFor()

    const second = await offer(nurse)
    await join(newcomer, second.address)
    await sameDigits(nurse, newcomer)
    await nurse.button('ちがう、出ていない').click()
    await nurse.page.getByText('数字がちがったので、登録をやめました').waitFor()

    newcomer = await person('second', { frame: 'phone', unlocked: false })
    const third = await offer(nurse)
    await join(newcomer, third.address)
    await sameDigits(nurse, newcomer)
    await nurse.button('同じ数字です').click()
    await newcomer.button('始める').click({ timeout: 30_000 })
    await newcomer.page.getByRole('navigation', { name: 'おもな画面' }).waitFor()
    await until('the newcomer has every chart', async () => (await newcomer.ask('patient.search', { query: '' })).total === nurse.patients.length, 30_000)
    const [patient] = nurse.patients
    await newcomer.openChart(patient)
    await until('what was written before she came stands there', async () => (await newcomer.entries().count()) > 3)
    const here = (await nurse.ask('chart.timeline', { patientId: patient.patientId, limit: 1 })).total
    await until(`all ${here} entries of the chart`, async () => (await newcomer.ask('chart.timeline', { patientId: patient.patientId, limit: 1 })).total === here)
    await nurse.page.getByText('登録できました').waitFor()
  },
}

/** The address a camera would read from the QR code; typed here with the code for the telephone. */
export async function offer(nurse) {
  await nurse.page.getByRole('link', { name: '設定', exact: true }).click()
  await nurse.page.getByRole('link', { name: '端末をふやす' }).click()
  await nurse.page.getByLabel('名前').fill(NAME)
  return shownCode(nurse)
}

/** From the form to the code on the screen. */
export async function shownCode(nurse) {
  const answered = nurse.page.waitForResponse((response) => response.url().endsWith('/rpc/enrol.offer'))
  await nurse.button('コードを出す').click()
  const { url, code } = await (await answered).json()
  await nurse.page.getByRole('img', { name: '登録用のQRコード' }).waitFor()
  const shown = (await nurse.page.locator('main, body').first().innerText()).replace(/[\s-]/g, '')
  check(shown.includes(code.replace(/[\s-]/g, '')), 'the code on the screen is the one of the core')
  return { address: `${url.split('#')[0]}#${code}` }
}

export async function join(newcomer, address) {
  await newcomer.page.getByLabel(/^登録コード/).fill(address)
  await newcomer.page.getByLabel('新しい合言葉').fill(SECRET)
  await newcomer.page.getByLabel('合言葉をもう一度').fill(SECRET)
  await newcomer.button('登録を始める').click()
}

export async function sameDigits(nurse, newcomer) {
  const six = (hands) => until('six digits', async () => {
    const label = await hands.page.getByRole('img', { name: /^(\d ){5}\d$/ }).first().getAttribute('aria-label', { timeout: 500 }).catch(() => null)
    return label?.replaceAll(' ', '')
  }, 30_000)
  const [there, here] = await Promise.all([six(newcomer), six(nurse)])
  check(there === here, 'both screens show the same digits')
}
