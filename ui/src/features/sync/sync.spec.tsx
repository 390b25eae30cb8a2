import { QueryClientProvider } from '@tanstack/react-query'
import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { fakeTransport } from '../../../dev/fake/transport'
import { queryClient, setTransport } from '../../api/rpc'
import { startLanguage } from '../../i18n/i18n'
import { Sync } from './Sync'

beforeAll(() => { startLanguage('ja') })
afterEach(() => { cleanup(); queryClient.clear() })

function open(state: string) {
  setTransport(fakeTransport(state))
  const root = createRootRoute()
  const page = createRoute({ getParentRoute: () => root, path: '/', component: Sync })
  const router = createRouter({ routeTree: root.addChildren([page]), history: createMemoryHistory({ initialEntries: ['/'] }) })
  render(<QueryClientProvider client={queryClient}><RouterProvider router={router as never} /></QueryClientProvider>)
}

it('names whose device made a key that does not open, and who heals it', async () => {
  open('fault')
  expect(await screen.findByText(/なぎさ訪問看護で開けません。鍵を作ったのは佐伯 亮一さん（しおかぜ内科クリニック）の端末です。次にこのカルテへ書く端末か/)).toBeTruthy()
  expect(screen.getByText(/ひより薬局で開けません。.*ほかの人が作った前の鍵も、そこでは開けませんでした/)).toBeTruthy()
})

it('says how much waits for a manager, and leads to what a lost device decided', async () => {
  open('grants')
  expect(await screen.findByText(/2件は、管理する施設の確認待ちです/)).toBeTruthy()
  expect(await screen.findByText(/確かめていないものが2件のカルテにあります/)).toBeTruthy()
  expect(screen.getByRole('link', { name: '確かめる' }).getAttribute('href')).toBe('/grants')
  cleanup(); queryClient.clear()
  open('')
  await screen.findByRole('heading', { name: '3件は、まだこの端末だけにあります' })
  expect(screen.queryByText(/確認待ち/)).toBeNull()
})

it('says once what needs a look, and what goes on by itself without alarm', async () => {
  open('late')
  expect(await screen.findAllByText(/遅れて届いた記録が3件あります/)).toHaveLength(1)
  expect(screen.getByText('気をつけること')).toBeTruthy()
  cleanup(); queryClient.clear()
  open('relay-reset')
  expect(await screen.findAllByText(/中継サーバーが新しくなりました/)).toHaveLength(1)
  expect(screen.queryByText('気をつけること')).toBeNull()
})

it('says why a record was put aside in words', async () => {
  open('parked')
  expect(await screen.findByText(/署名が合いません/)).toBeTruthy()
})

it('says that a list could not be read', async () => {
  open('error')
  expect(await screen.findByRole('button', { name: 'もう一度' })).toBeTruthy()
})
