/** The relay is lost twice, once with a backup and once without: what was written after the backup is at everybody's in the end, and nobody is alarmed. */
import { check, until } from './check.mjs'

const AFTER = '控えのあとの記録'
const WITHOUT = '中継サーバーのない間の記録'
const LAST = '控えもなくなったあとの記録'
/** Words of states that would be a false alarm. */
const ALARMS = ['人によってちがう記録', '前に見せたものより古い']

export const relayRestored = {
  name: 'relay-restored',
  async run({ region, person }) {
    const nurse = await person('nurse')
    const doctor = await person('doctor', { frame: 'desktop' })
    await nurse.allSent(30_000)
    await doctor.allSent(30_000)
    const [{ patientId }] = nurse.patients
    const write = async (hands, text) => {
      const draft = await hands.ask('draft.save', { patientId, visitId: crypto.randomUUID(), kind: 'note', body: { s: text, o: '', a: '', p: '' } })
      await hands.ask('entry.confirm', { patientId, draftIds: [draft.id], at: { ms: Date.now(), zoneMin: 540 }, accepted: [] })
    }
    const has = (hands, text) => until(`${text} is there`, async () => (await hands.ask('chart.timeline', { patientId, limit: 20 })).entries.some((entry) => entry.body?.s === text), 60_000)
    const said = new Set()
    const rest = (hands) => until('it is up to date again', async () => {
      const status = await hands.ask('sync.now', {})
      said.add(status.state)
      return status.state === 'up-to-date' && status.unsent === 0
    }, 60_000)

    await region.backUpRelay()
    await write(nurse, AFTER)
    await has(doctor, AFTER)
    await region.stopRelay()
    await write(doctor, WITHOUT)
    await region.startRelay()
    await region.loseRelay()
    for (const hands of [nurse, doctor, nurse]) await rest(hands)
    await has(nurse, WITHOUT)

    // Who was away meanwhile gets from the new store what only devices had.
    const pharmacist = await person('pharmacist')
    await rest(pharmacist)
    for (const text of [AFTER, WITHOUT]) await has(pharmacist, text)

    const { region: number } = await nurse.ask('about.show', {})
    check(/^[0-9a-f]{32}$/.test(number), `the region's number is ${number}`)
    await region.loseRelayAndBackup(number)
    await write(pharmacist, LAST)
    for (const hands of [pharmacist, nurse, doctor, pharmacist, nurse, doctor]) await rest(hands)
    for (const hands of [nurse, doctor, pharmacist]) for (const text of [AFTER, WITHOUT, LAST]) await has(hands, text)

    // As the nurse reads it.
    await nurse.page.getByRole('link', { name: '届きぐあい', exact: true }).click()
    await nurse.page.getByText('この端末の記録は、すべて送りました').first().waitFor({ timeout: 30_000 })
    const page = await nurse.page.locator('main').innerText()
    check(!ALARMS.some((alarm) => page.includes(alarm)), 'nobody is told of a fork')
    for (const alarm of ['fork', 'rollback', 'chain-conflict', 'removed', 'parked']) check(!said.has(alarm), `somebody was told ${alarm}`)
  },
}
