/** A routine visit through the real screens: vitals, note, photo. Counts taps; checks what was kept and what was confirmed. */
import { QueryClientProvider } from '@tanstack/react-query'
import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { cleanup, render, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { chartAnswers, keepPicture } from '../../../dev/chartData'
import { patients } from '../../../dev/fake/people'
import { queryClient, setTransport } from '../../api/rpc'
import { Refusal, type Command, type Req, type Res } from '../../api/transport'
import { startLanguage } from '../../i18n/i18n'
import { VisitSteps } from './VisitScreen'

const patient = patients(false)[0]
if (!patient) throw new Error('no patient')
let calls: [string, unknown][]
/** On this screen alone; the whole way from home is the journey's. */
const TAPS = 22
let taps: number

function start(): void {
  const answers: Record<string, (req: never) => unknown> = {
    ...chartAnswers(new Set(), () => patient as never),
    'patient.show': () => patient,
    'settings.show': () => ({ language: 'ja', theme: 'auto', autoLockMin: 5, keypadSide: 'right', wareki: true, relayUrl: '' }),
    'space.members': () => ({ teams: [] }),
  }
  setTransport({
    call<N extends Command>(name: N, req: Req<N>): Promise<Res<N>> {
      calls.push([name, req])
      const answer = answers[name]
      if (!answer) return Promise.reject(new Refusal('unknown_command'))
      try {
        return Promise.resolve(answer(req as never) as Res<N>)
      } catch (thrown) {
        return Promise.reject(thrown as Error)
      }
    },
    putBlob: keepPicture,
  })
  const root = createRootRoute()
  const visit = createRoute({ getParentRoute: () => root, path: '/visit', component: () => <VisitSteps patientId={patient?.patientId ?? ''} /> })
  const chart = createRoute({ getParentRoute: () => root, path: '/patients/$patientId', component: () => <p>カルテ</p> })
  const router = createRouter({ routeTree: root.addChildren([visit, chart]), history: createMemoryHistory({ initialEntries: ['/visit'] }) })
  render(<QueryClientProvider client={queryClient}><RouterProvider router={router as never} /></QueryClientProvider>)
}

async function tap(name: string | RegExp): Promise<void> {
  taps += 1
  await userEvent.click(await screen.findByRole('button', { name }))
}
const keys = async (figures: string) => { for (const figure of figures) await tap(figure === '.' ? '小数点' : figure) }
const confirmed = () => calls.find(([name]) => name === 'entry.confirm')?.[1] as Req<'entry.confirm'> | undefined
const draftsOf = (kind: string) => calls.filter(([name, req]) => name === 'draft.save' && (req as Req<'draft.save'>).kind === kind).map(([, req]) => req as Req<'draft.save'>)

beforeEach(async () => {
  calls = []
  taps = 0
  queryClient.clear()
  vi.stubGlobal('scrollTo', () => undefined)
  URL.createObjectURL = () => 'blob:picture'
  URL.revokeObjectURL = () => undefined
  await startLanguage('ja').changeLanguage('ja')
  start()
  await screen.findByRole('button', { name: '1' })
})
afterEach(async () => {
  cleanup()
  const { drafts } = (await chartAnswers(new Set(), () => patient as never)['draft.list']?.({ patientId: patient.patientId })) ?? { drafts: [] }
  for (const draft of drafts) await chartAnswers(new Set(), () => patient as never)['draft.discard']?.({ id: draft.id })
})

describe('a visit', () => {
  it(`takes ${TAPS} taps for vitals, note and photo`, async () => {
    await keys('36.8')
    await keys('128')
    await keys('76')
    await tap('次へ 脈拍')
    await keys('84')
    await tap('次へ SpO₂')
    await keys('95')
    await tap('室内気')
    await tap(/^記録へ進む/)
    await tap('著変なし')
    await tap(/^写真へ/)
    taps += 1
    await userEvent.upload(await screen.findByLabelText(/写真を(撮る・)?選ぶ/), new File(['x'], 'wound.jpg', { type: 'image/jpeg' }))
    await screen.findByText('写真はこの端末に残りました')
    await tap(/^確認へ/)
    await tap('確定してこの端末に保存する')
    await screen.findByText('カルテ')
    expect(confirmed()?.draftIds.length).toBe(3)
    expect(draftsOf('vitals').at(-1)?.body).toMatchObject({ items: [{ key: 'temp', value: '36.8' }, { key: 'bp.sys', value: '128' }, { key: 'bp.dia', value: '76' }, { key: 'pulse', value: '84' }, { key: 'spo2', value: '95', attributes: { gas: 'room-air' } }] })
    expect(draftsOf('note').at(-1)?.body).toMatchObject({ o: '著変なし。' })
    expect(taps).toBe(TAPS)
  }, 30_000)

  it('asks about an unusual value, with two equal answers, and confirms only what was answered', async () => {
    for (const name of ['体温 ℃', '上の血圧 mmHg']) expect(await screen.findByLabelText(name)).toBeTruthy()
    await userEvent.type(await screen.findByLabelText('SpO₂ %'), '91')
    await tap('O₂ 1.0 L/分')
    const question = await screen.findByRole('alert')
    expect(within(question).getByText(/91 %は、いつも（93〜9[56]）より低めです/)).toBeTruthy()
    expect(within(question).getAllByRole('button').map((button) => button.textContent)).toEqual(['測り直す', '91のまま記録する'])
    await tap(/確認$/)
    const save = await screen.findByRole<HTMLButtonElement>('button', { name: '確定してこの端末に保存する' })
    expect(save.disabled).toBe(true)
    await tap('このまま記録する')
    await waitFor(() => expect(save.disabled).toBe(false))
    await userEvent.click(save)
    await screen.findByText('カルテ')
    expect(confirmed()?.accepted).toEqual([{ draftId: confirmed()?.draftIds[0], code: 'unusual_for_patient', field: 'spo2' }])
  }, 20_000)

  it('gives a suggestion for a slip and never applies it by itself', async () => {
    await keys('365')
    await tap('次へ 血圧')
    const refusal = await screen.findByRole('alert')
    expect(within(refusal).getByText('36.5 のことですか。')).toBeTruthy()
    expect(screen.getByLabelText<HTMLInputElement>('体温 ℃').value).toBe('365')
    await tap('36.5 にする')
    expect(screen.getByLabelText<HTMLInputElement>('体温 ℃').value).toBe('36.5')
  }, 20_000)

  it('takes a second blood pressure with one tap more, and both feet', async () => {
    await keys('36.8')
    await keys('158')
    await keys('92')
    await tap('2回目も書く')
    await keys('146')
    await keys('84')
    await tap('次へ 脈拍')
    await waitFor(() => expect(draftsOf('vitals').at(-1)?.body).toMatchObject({ items: [{ key: 'temp' }, { key: 'bp.sys', value: '158', attributes: { times: '1' } }, { key: 'bp.dia', value: '92', attributes: { times: '1' } }, { key: 'bp.sys', value: '146', attributes: { times: '2' } }, { key: 'bp.dia', value: '84', attributes: { times: '2' } }] }))
    const add = screen.queryByRole('button', { name: 'むくみ' })
    await userEvent.click(add ?? await screen.findByRole('button', { name: 'むくみ' }))
    await tap('右')
    await tap('＋＋')
    await tap('反対側も書く')
    await tap('＋')
    await waitFor(() => expect(draftsOf('vitals').at(-1)?.body).toMatchObject({ items: expect.arrayContaining([expect.objectContaining({ key: 'edema', value: '++', attributes: { side: 'right' } }), expect.objectContaining({ key: 'edema', value: '+', attributes: { side: 'left' } })]) }))
    // The first one can be gone back to.
    await tap(/^1回目\s+158\/92$/)
    expect(screen.getByLabelText<HTMLInputElement>('上の血圧 mmHg').value).toBe('158')
  }, 20_000)

  it('shows the picture before it is signed', async () => {
    await tap(/写真$/)
    await userEvent.upload(await screen.findByLabelText(/写真を(撮る・)?選ぶ/), new File(['x'], 'wound.jpg', { type: 'image/jpeg' }))
    await screen.findByText('写真はこの端末に残りました')
    await tap(/^確認へ/)
    await waitFor(() => expect(document.querySelector('figure img')?.getAttribute('src')).toBe('blob:picture'))
    const asked = calls.filter(([name]) => name === 'blob.read').map(([, req]) => (req as Req<'blob.read'>).entryId)
    expect(asked).not.toContain('')
    expect(asked.at(-1)).toMatch(/^e-/)
    await tap('確定してこの端末に保存する')
    await screen.findByText('カルテ')
    expect(calls.filter(([name]) => name === 'blob.read')).toHaveLength(asked.length)
  }, 20_000)

  it('keeps every change as a draft, and goes on with it when opened again', async () => {
    await keys('36.8')
    await waitFor(() => expect(draftsOf('vitals').at(-1)?.body).toMatchObject({ items: [{ key: 'temp', value: '36.8' }] }))
    await keys('12')
    cleanup()
    await waitFor(() => expect(draftsOf('vitals').at(-1)?.body).toMatchObject({ items: [{ value: '36.8' }, { key: 'bp.sys', value: '12' }] }))
    const ids = new Set(draftsOf('vitals').slice(1).map((draft) => draft.id))
    expect(ids.size).toBe(1)
    queryClient.clear()
    start()
    expect((await screen.findByLabelText<HTMLInputElement>('体温 ℃')).value).toBe('36.8')
    expect(screen.getByText(/からの下書きの続きです/)).toBeTruthy()
  }, 20_000)

  it('says why something was not measured, in place of a value', async () => {
    await tap('血糖を測っていない理由').catch(() => tap('血糖'))
    await tap('測っていない…').catch(() => undefined)
    await tap('本人が断った')
    await waitFor(() => expect(draftsOf('vitals').at(-1)?.body).toMatchObject({ items: [], notMeasured: [{ key: 'glucose', reason: 'refused' }] }))
    expect(screen.getByText(/測っていない：本人が断った/)).toBeTruthy()
  }, 20_000)

  it('names the patient once more before anything is kept, and who it is not', async () => {
    await tap(/確認$/)
    const sure = (await screen.findByText('この人の記録として残します')).parentElement
    expect(sure?.textContent).toContain('佐藤 花子')
    expect(sure?.textContent).toContain('84歳 女')
    expect(sure?.textContent).toContain('佐藤 華子さんではありません')
    expect(screen.getByText(/まだ何も書いていません/)).toBeTruthy()
  })
})
