/** The watch itself: each thing that must fail a journey is done once on purpose, and must be noticed. */
import { fullName } from './hands.mjs'

const KINDS = ['policy', 'foreign', 'console', 'thrown', 'address', 'title', 'refusal']

export const detector = {
  name: 'detector',
  async run({ person }) {
    const nurse = await person('nurse')
    const [patient] = nurse.patients
    await nurse.page.evaluate(async (name) => {
      await fetch('http://127.0.0.2:9/').catch(() => undefined)
      console.error('on purpose')
      setTimeout(() => { throw new Error('on purpose') })
      await fetch('/rpc/patient.show', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"patientId":"01980000-0000-7000-8000-00000000ffff"}' })
      history.replaceState(null, '', `/patients/${encodeURIComponent(name)}`)
      document.title = name
      const image = new Image()
      image.src = '/mark.svg?2'
      document.body.append(image)
      const frame = document.createElement('img')
      frame.src = 'http://127.0.0.2:9/mark.svg'
      document.body.append(frame)
      await new Promise((resolve) => setTimeout(resolve, 300))
    }, fullName(patient))
    const popup = nurse.page.context().waitForEvent('page')
    await nurse.page.evaluate(() => { open('http://127.0.0.2:9/') })
    await (await popup).waitForLoadState().catch(() => undefined)
  },
  judges(found) {
    return KINDS.filter((kind) => !found.some((each) => each.kind === kind)).map((kind) => `not noticed: ${kind}`)
  },
}
