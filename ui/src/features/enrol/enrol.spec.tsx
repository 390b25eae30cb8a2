import { QueryClientProvider } from '@tanstack/react-query'
import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { MantineProvider } from '@mantine/core'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { fakeTransport } from '../../../dev/fake/transport'
import type { Transport } from '../../api/transport'
import { queryClient, setTransport } from '../../api/rpc'
import { startLanguage } from '../../i18n/i18n'
import { Enrol } from './Enrol'

beforeAll(() => {
  startLanguage('ja')
  // What jsdom lacks and the theme asks for.
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }))
})
afterEach(() => { vi.useRealTimers(); cleanup(); queryClient.clear() })

it('asks no more once the enrolment is done', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true })
  const fake = fakeTransport('')
  let state = 'finishing'
  const call = vi.fn(async (name: string, req: never) => {
    const answer = await fake.call(name as never, req)
    return name === 'enrol.offer' ? { ...(answer as object), state } : answer
  })
  setTransport({ ...fake, call: call as unknown as Transport['call'] })
  const root = createRootRoute()
  const page = createRoute({ getParentRoute: () => root, path: '/', component: Enrol })
  const router = createRouter({ routeTree: root.addChildren([page]), history: createMemoryHistory({ initialEntries: ['/'] }) })
  render(<MantineProvider><QueryClientProvider client={queryClient}><RouterProvider router={router as never} /></QueryClientProvider></MantineProvider>)
  const pass = (ms: number) => act(async () => { await vi.advanceTimersByTimeAsync(ms) })
  const asked = () => call.mock.calls.filter(([name]) => name === 'enrol.offer').length
  await pass(100)
  screen.getByRole('button', { name: 'チームの人' }).click()
  await pass(100)
  screen.getByRole('button', { name: 'コードを出す' }).click()
  await pass(5_000)
  const before = asked()
  expect(before).toBeGreaterThan(2)
  state = 'done'
  await pass(3_000)
  expect(screen.getByRole('status').textContent).toContain('登録できました')
  const done = asked()
  await pass(20_000)
  await act(async () => { await queryClient.invalidateQueries() })
  await pass(1_000)
  expect(asked()).toBe(done)
})

it('offers a place to a colleague who is in the team already', async () => {
  const fake = fakeTransport('')
  const call = vi.fn(fake.call)
  setTransport({ ...fake, call: call as Transport['call'] })
  const root = createRootRoute()
  const page = createRoute({ getParentRoute: () => root, path: '/', component: Enrol })
  const router = createRouter({ routeTree: root.addChildren([page]), history: createMemoryHistory({ initialEntries: ['/'] }) })
  render(<MantineProvider><QueryClientProvider client={queryClient}><RouterProvider router={router as never} /></QueryClientProvider></MantineProvider>)
  fireEvent.click(await screen.findByRole('button', { name: 'チームの人' }))
  await screen.findByRole('option', { name: /三浦 千秋/ })
  expect(screen.queryByRole('option', { name: /渡部 敬子/ })).toBeNull()
  fireEvent.change(screen.getByRole('combobox'), { target: { value: 'a7' } })
  fireEvent.click(screen.getByRole('button', { name: 'コードを出す' }))
  await vi.waitFor(() => expect(call).toHaveBeenCalledWith('enrol.offer', { staffId: 'a7', admin: false }))
  expect(await screen.findByRole('heading', { level: 1, name: '三浦 千秋さんの端末をふやす' })).toBeTruthy()
})
