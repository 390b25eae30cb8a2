/** A tablet is lost with a record nobody has: removed in three taps, replaced by code within a minute, its late work looked at and admitted. */
import { check, until } from './check.mjs'
import { join, NAME, offer, sameDigits, SECRET, shownCode } from './enrolment.mjs'

const WRITTEN = '夜間に咳がふえたとのこと'

export const lostTablet = {
  name: 'lost-tablet',
  expects: ['removed', 'locked', 'not_found', 'not_enrolled', 'no_profile'],
  async run({ region, person }) {
    const nurse = await person('nurse')
    await nurse.allSent(30_000)
    const tablet = await enrolled(nurse, await person('tablet', { unlocked: false }), await offer(nurse))
    const [patient] = nurse.patients
    await until('the tablet has every chart', async () => (await tablet.ask('patient.search', { query: '' })).total === nurse.patients.length, 30_000)
    await until('and what stands in it', async () => (await tablet.ask('chart.timeline', { patientId: patient.patientId, limit: 1 })).total > 0, 30_000)

    // Her screen asks no more how the enrolment stands.
    await nurse.page.getByText('登録できました').waitFor()
    await nurse.page.getByRole('link', { name: '今日', exact: true }).click()
    await nurse.page.waitForTimeout(500)

    // Written in a valley without signal; then the tablet is left behind, closed.
    await region.stopRelay()
    const draft = await tablet.ask('draft.save', { patientId: patient.patientId, visitId: crypto.randomUUID(), kind: 'note', body: { s: WRITTEN, o: '', a: '', p: '' } })
    await tablet.ask('entry.confirm', { patientId: patient.patientId, draftIds: [draft.id], at: { ms: Date.now(), zoneMin: 540 }, accepted: [] })
    await tablet.ask('profile.lock', { drop: true })
    await region.startRelay()
    await nurse.tryNow()

    // Three taps from any screen.
    await nurse.page.getByRole('link', { name: '今日', exact: true }).click()
    const before = nurse.taps
    await nurse.tap(nurse.page.getByRole('link', { name: '設定', exact: true }))
    const hers = nurse.page.getByRole('listitem').filter({ hasText: NAME }).filter({ has: nurse.page.getByRole('button', { name: 'なくした…' }) })
    await nurse.tap(hers.last().getByRole('button', { name: 'なくした…' }))
    await nurse.tap('この端末を外す')
    check(nurse.taps - before === 3, `three taps, not ${nurse.taps - before}`)
    await nurse.page.getByText(`${NAME}さんの端末を外しました`).waitFor()

    // A replacement within a minute.
    const begun = Date.now()
    await nurse.page.getByRole('link', { name: '代わりの端末を登録する' }).click()
    const replacement = await enrolled(nurse, await person('replacement', { frame: 'phone', unlocked: false }), await shownCode(nurse))
    await until('the replacement has every chart', async () => (await replacement.ask('patient.search', { query: '' })).total === nurse.patients.length, 30_000)
    check(Date.now() - begun < 60_000, `a replacement took ${Date.now() - begun} ms`)

    // It is found, opened, hands in and is empty.
    await tablet.page.reload()
    await tablet.page.getByLabel('合言葉').first().fill(SECRET)
    await tablet.button('開く').click()
    await tablet.page.getByText('この端末はチームから外されました').first().waitFor({ timeout: 30_000 })
    await tablet.page.getByText('中継サーバーに預けました').waitFor({ timeout: 30_000 })
    await tablet.page.getByRole('heading', { level: 1, name: 'この端末で始める' }).waitFor()

    // Its late work is looked at, and let in.
    await nurse.tryNow()
    await nurse.page.getByRole('link', { name: '届きぐあい', exact: true }).click()
    await nurse.page.getByRole('link', { name: '確かめる' }).click({ timeout: 30_000 })
    await nurse.page.getByText(WRITTEN).waitFor()
    await nurse.button('1件を受け入れる').click()
    await nurse.page.getByText('遅れて届いた記録はありません').waitFor({ timeout: 30_000 })
    const late = async (hands) => (await hands.ask('chart.timeline', { patientId: patient.patientId, limit: 20 })).entries.find((entry) => entry.body?.s === WRITTEN)
    await until('it stands in the chart, marked as late', async () => (await late(nurse))?.status === 'late', 30_000)
    const doctor = await person('doctor')
    await until('and at the physician', async () => (await late(doctor))?.status === 'late', 30_000)
  },
}

async function enrolled(nurse, newcomer, shown) {
  await newcomer.page.getByRole('heading', { level: 1, name: 'この端末で始める' }).waitFor()
  await join(newcomer, shown.address)
  await sameDigits(nurse, newcomer)
  await nurse.button('同じ数字です').click()
  await newcomer.button('始める').click({ timeout: 30_000 })
  await newcomer.page.getByRole('navigation', { name: 'おもな画面' }).waitFor()
  return newcomer
}
