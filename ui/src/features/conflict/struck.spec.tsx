import { QueryClientProvider } from '@tanstack/react-query'
import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { cleanup, render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { fakeTransport } from '../../../dev/fake/transport'
import { queryClient, setTransport } from '../../api/rpc'
import { startLanguage } from '../../i18n/i18n'
import { Struck } from './StruckScreen'

beforeAll(() => { startLanguage('ja') })
afterEach(() => { cleanup(); queryClient.clear() })

const PATIENT = 'p-サトウ-ハナコ'

function open() {
  const fake = fakeTransport('struck')
  const call = vi.fn(fake.call)
  setTransport({ ...fake, call: call as typeof fake.call })
  const root = createRootRoute()
  const page = createRoute({ getParentRoute: () => root, path: '/', component: () => <Struck patientId={PATIENT} /> })
  const router = createRouter({ routeTree: root.addChildren([page]), history: createMemoryHistory({ initialEntries: ['/'] }) })
  render(<QueryClientProvider client={queryClient}><RouterProvider router={router as never} /></QueryClientProvider>)
  return () => call.mock.calls.filter(([name]) => name === 'state.restore').map(([, req]) => req)
}

const field = (name: string) => screen.findByRole('region', { name })

it('offers the previous value and puts it back', async () => {
  const restored = open()
  const phone = await field('電話番号')
  expect(within(phone).getByText('090-0000-9999')).toBeTruthy()
  expect(within(phone).getByText('0235-00-0000')).toBeTruthy()
  await userEvent.click(within(phone).getByRole('button', { name: '前の値に戻す' }))
  expect(restored()).toEqual([{ patientId: PATIENT, key: `identity/${PATIENT}/phone`, choice: 'b' }])
  expect(await screen.findByText('線を引かれた値はありません')).toBeTruthy()
})

it('keeps what stands there, or empties what was empty before', async () => {
  const restored = open()
  await userEvent.click(within(await field('しきい値')).getByRole('button', { name: '空らんに戻す' }))
  expect(restored()).toEqual([{ patientId: PATIENT, key: 'threshold/weight/limit' }])
  cleanup(); queryClient.clear()
  const kept = open()
  await userEvent.click(within(await field('電話番号')).getByRole('button', { name: '今の値を残す' }))
  expect(kept()).toEqual([{ patientId: PATIENT, key: `identity/${PATIENT}/phone`, choice: 'a' }])
})

it('offers what was taken away', async () => {
  const restored = open()
  const address = await field('住所')
  expect(within(address).getByText('値が消されました。')).toBeTruthy()
  await userEvent.click(within(address).getByRole('button', { name: '前の値に戻す' }))
  expect(restored()).toEqual([{ patientId: PATIENT, key: `identity/${PATIENT}/address`, choice: 'c' }])
})
