/** What cannot be kept is refused with its reason: impossible values, empty notes, files that are no picture. */
import { check } from './check.mjs'

export const badInput = {
  name: 'bad-input',
  expects: ['refused', 'not_a_picture', 'picture_heic', 'picture_type_mismatch'],
  async run({ person }) {
    const nurse = await person('nurse')
    const { page } = nurse
    const [, patient] = nurse.patients
    const { patientId } = patient
    const count = async () => (await nurse.ask('chart.timeline', { patientId, limit: 1 })).total
    const had = await count()
    await nurse.openChart(patient)
    await nurse.beginVisit()
    const save = nurse.button('確定してこの端末に保存する')

    await nurse.step(/確認/)
    await page.getByText('まだ何も書いていません').waitFor()
    check(await save.isDisabled(), 'nothing can be confirmed before anything is written')

    await nurse.step(/記録/)
    await page.getByLabel(/^S/).fill(' 　\n ')
    await nurse.step(/確認/)
    check(await save.isDisabled(), 'blanks are no note')

    await nurse.step(/バイタル/)
    await nurse.keys('365')
    await nurse.tap(/^次へ 血圧/)
    await page.getByText('36.5 のことですか。').waitFor()
    await nurse.step(/確認/)
    await page.getByRole('heading', { name: 'このままでは残せません' }).waitFor()
    check(await save.isDisabled(), 'an impossible value cannot be confirmed')

    await nurse.step(/写真/)
    const file = page.locator('input[type=file]')
    await file.setInputFiles({ name: 'letter.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no picture at all, only words') })
    await page.getByText('写真として読めません').waitFor()
    await file.setInputFiles({ name: 'a.heic', mimeType: 'image/heic', buffer: Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypheic'), Buffer.alloc(64)]) })
    await page.getByText('HEICの写真は読めません').waitFor()

    await nurse.step(/バイタル/)
    await nurse.tap('36.5 にする')
    await nurse.step(/確認/)
    await save.click()
    // Not the value on the page before: the chart shows entries once all is kept.
    await nurse.entries().first().waitFor()
    await page.getByText('36.5').first().waitFor()
    check((await count()) === had + 1, 'one entry was kept: no empty note, no file that is no picture')

    const bare = await page.evaluate(async (id) => {
      const post = (name, body) => fetch(`/rpc/${name}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }).then((answer) => answer.json())
      const draft = await post('draft.save', { patientId: id, visitId: crypto.randomUUID(), kind: 'note', body: { s: ' ', o: '', a: '', p: '' } })
      return post('entry.confirm', { patientId: id, draftIds: [draft.id], at: { ms: Date.now(), zoneMin: 540 }, accepted: [] })
    }, patientId)
    check(bare.code === 'refused', `past the screens an empty note is refused, not ${bare.code}`)
  },
}
