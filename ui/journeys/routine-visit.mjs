/** A routine visit as a nurse does it on a tablet, vitals, note and photo: how many taps, and how long the script took. */
import { check } from './check.mjs'

/** From the home screen to the saved visit, with one question answered on the way. */
const TAPS_MAX = 25
const SECONDS_MAX = 60

export const routineVisit = {
  name: 'routine-visit',
  async run({ person }) {
    const nurse = await person('nurse', { frame: 'portrait' })
    // Whoever stands on the first screen: soon after midnight nobody has been visited today.
    const charts = nurse.page.locator('main a[href^="/patients/"]')
    await charts.first().waitFor()
    const shown = await charts.evaluateAll((links) => links.map((link) => link.getAttribute('href')))
    const patientId = shown.map((href) => /^\/patients\/([0-9a-f-]{36})$/.exec(href)?.[1]).find(Boolean)
    const mine = nurse.page.locator(`a[href="/patients/${patientId}"]`)
    const begun = Date.now()
    nurse.taps = 0
    await nurse.tap(mine)
    await nurse.tap(nurse.page.getByRole('link', { name: '記録', exact: true }))
    await nurse.page.getByLabel('体温 ℃').waitFor()
    await nurse.keys('36.5')
    await nurse.keys('128')
    await nurse.keys('76')
    await nurse.tap(/^次へ 脈拍/)
    await nurse.keys('72')
    await nurse.tap(/^次へ SpO₂/)
    await nurse.keys('96')
    await nurse.tap('室内気')
    await nurse.tap(nurse.page.getByRole('navigation', { name: '記録の段' }).getByRole('button', { name: /記録$/ }))
    await nurse.tap('著変なし')
    await nurse.tap('写真へ')
    await nurse.tap('撮る')
    await nurse.page.getByText('写真はこの端末に残りました').waitFor()
    await nurse.tap('確認へ')
    await nurse.page.getByText('この人の記録として残します').waitFor()
    await nurse.page.getByText('下書きはこの端末に残っています').waitFor()
    const question = nurse.button('このまま記録する')
    while (await question.count()) await nurse.tap(question)
    await nurse.tap('確定してこの端末に保存する')
    await nurse.entries().first().waitFor()
    const took = (Date.now() - begun) / 1_000
    const { entries } = await nurse.ask('chart.timeline', { patientId, limit: 3 })
    check(entries.map(({ kind }) => kind).sort().join() === 'note,photo,vitals' && new Set(entries.map(({ visitId }) => visitId)).size === 1, 'vitals, note and photo of one visit were kept')
    console.log(`     ${nurse.taps} taps (at most ${TAPS_MAX}), ${took.toFixed(1)} s by the script`)
    check(nurse.taps <= TAPS_MAX, `${nurse.taps} taps, ${TAPS_MAX} at most`)
    check(took <= SECONDS_MAX, `${took} s, ${SECONDS_MAX} at most`)
  },
}
