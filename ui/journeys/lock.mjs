/** A locked screen has forgotten what it showed; six digits open it, five misses ask for the passphrase. */
import { check } from './check.mjs'
import { namesOf } from './hands.mjs'
import { PASSPHRASE, PIN } from './region.mjs'

export const lock = {
  name: 'lock',
  alone: true,
  expects: ['wrong_pin', 'pin_spent', 'pin_wait', 'locked'],
  async run({ person }) {
    const nurse = await person('nurse')
    const { page } = nurse
    const [patient] = nurse.patients
    check((await nurse.ask('sync.now', {})).state === 'offline', 'this journey has no relay')
    await nurse.openChart(patient)
    check(holds(await page.content(), nurse.patients), 'an open chart names its patient')

    await close(nurse)
    check(!holds(await page.content(), nurse.patients), 'a locked screen still holds a name')
    await page.goBack()
    await page.getByText('番号を忘れても').waitFor()
    check(!holds(await page.content(), nurse.patients), 'going back brings a name out')
    const shut = await page.evaluate(() => fetch('/rpc/home.show', { method: 'POST', body: '{}' }).then((answer) => answer.json()))
    check(shut.code === 'locked', 'the core answers behind a locked screen')

    await digits(nurse, PIN)
    await page.getByRole('navigation', { name: 'おもな画面' }).waitFor()

    await close(nurse)
    const wrong = '135246'
    for (let left = 4; left > 0; left -= 1) {
      await digits(nurse, wrong)
      await page.getByText(/番号がちがいます。あと\d回|あと\d+秒で入れられます/).first().waitFor()
      await page.getByRole('button', { name: '1', exact: true, disabled: false }).waitFor({ timeout: 12_000 })
    }
    await digits(nurse, wrong)
    await page.getByText('番号を5回まちがえました').waitFor()
    await page.getByLabel('合言葉', { exact: true }).fill(PASSPHRASE)
    await nurse.button('開く').click()
    await page.getByRole('navigation', { name: 'おもな画面' }).waitFor()
  },
}

const holds = (text, patients) => namesOf(patients).filter((name) => name.length > 2).some((name) => text.includes(name)) || patients.some(({ name }) => text.includes(`${name.family} ${name.given}`))

async function close(nurse) {
  await nurse.page.getByRole('link', { name: '今日', exact: true }).or(nurse.page.getByRole('link', { name: 'もどる' })).first().click()
  await nurse.page.getByRole('link', { name: '設定', exact: true }).click()
  await nurse.button('今すぐ閉じる').click()
  await nurse.page.getByText('番号を忘れても').waitFor()
}

async function digits(nurse, pin) {
  for (const digit of pin) await nurse.button(digit).click()
}
