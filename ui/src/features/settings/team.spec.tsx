import { QueryClientProvider } from '@tanstack/react-query'
import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { cleanup, render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { fakeTransport } from '../../../dev/fake/transport'
import type { Transport } from '../../api/transport'
import { queryClient, setTransport } from '../../api/rpc'
import { startLanguage } from '../../i18n/i18n'
import { Team } from './Team'

beforeAll(() => { startLanguage('ja') })
afterEach(() => { cleanup(); queryClient.clear() })

function open(state: string) {
  const fake = fakeTransport(state)
  const call = vi.fn(fake.call)
  setTransport({ ...fake, call: call as Transport['call'] })
  const root = createRootRoute()
  const page = createRoute({ getParentRoute: () => root, path: '/', component: Team })
  const router = createRouter({ routeTree: root.addChildren([page]), history: createMemoryHistory({ initialEntries: ['/'] }) })
  render(<QueryClientProvider client={queryClient}><RouterProvider router={router as never} /></QueryClientProvider>)
  return { removed: () => call.mock.calls.filter(([name]) => name === 'team.remove').map(([, req]) => req) }
}

it('says which of a person’s devices is about to be removed', async () => {
  const { removed } = open('')
  const [own] = await screen.findAllByRole('button', { name: 'なくした…' })
  await userEvent.click(own as HTMLElement)
  const sheet = screen.getByRole('dialog', { name: '小野寺 真帆さんの端末 1 を外します' })
  expect(within(sheet).getByText('あと12件')).toBeTruthy()
  await userEvent.click(within(sheet).getByRole('button', { name: 'この端末を外す' }))
  expect(removed()).toEqual([{ deviceId: 'd2', reason: 'lost' }])
  expect(await screen.findByRole('link', { name: '代わりの端末を登録する' })).toBeTruthy()
})

it('keeps the sheet with the reason when it cannot be done', async () => {
  open('refused')
  await userEvent.click((await screen.findAllByRole('button', { name: 'なくした…' }))[0] as HTMLElement)
  await userEvent.click(screen.getByRole('button', { name: 'この端末を外す' }))
  expect(await screen.findByText('できませんでした（役割が足りません）。')).toBeTruthy()
})

it('says what is in the way of retiring this device, and is left by the one button', async () => {
  open('no-admin')
  await userEvent.click(await screen.findByRole('button', { name: '使うのをやめる…' }))
  await userEvent.click(screen.getByRole('button', { name: 'この端末を外す' }))
  expect(await screen.findByText(/チームに管理者の端末がなくなる/)).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'もどる' }))
  expect(screen.queryByRole('dialog')).toBeNull()
  expect(screen.getByText(/チームの人と端末/)).toBeTruthy()
})

it('tells whose chart a decision is about, and which can never be', async () => {
  open('late')
  const refused = (await screen.findByText(/遅れて届いた記録を受け入れる/)).closest('li') as HTMLElement
  expect(await within(refused).findByText('工藤 清さんのカルテ')).toBeTruthy()
  expect(within(refused).getByRole('button', { name: '消す' })).toBeTruthy()
})
