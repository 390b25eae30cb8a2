import { QueryClientProvider } from '@tanstack/react-query'
import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { cleanup, render, screen, within } from '@testing-library/react'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { fakeTransport } from '../../../dev/fake/transport'
import { queryClient, setTransport } from '../../api/rpc'
import { startLanguage } from '../../i18n/i18n'
import { Home } from './Home'

beforeAll(() => { startLanguage('ja') })
afterEach(() => { cleanup(); queryClient.clear() })

function open(state: string) {
  setTransport(fakeTransport(state))
  const root = createRootRoute()
  const home = createRoute({ getParentRoute: () => root, path: '/', component: Home })
  const router = createRouter({ routeTree: root.addChildren([home]), history: createMemoryHistory({ initialEntries: ['/'] }) })
  render(<QueryClientProvider client={queryClient}><RouterProvider router={router as never} /></QueryClientProvider>)
}

it('goes on with the visit that was begun', async () => {
  open('')
  expect(await screen.findByText('訪問を続ける')).toBeTruthy()
  expect(screen.queryByText('訪問を始める')).toBeNull()
  expect(screen.queryByText(/どちらかを選ぶもの/)).toBeNull()
})

it('lists whom somebody must choose for, and leads there', async () => {
  open('conflict')
  const heading = await screen.findByText(/どちらかを選ぶもの 2/)
  const links = within(heading.closest('section') as HTMLElement).getAllByRole<HTMLAnchorElement>('link')
  expect(links.map((link) => decodeURIComponent(link.getAttribute('href') ?? ''))).toEqual([expect.stringMatching(/^\/patients\/p-.+\/conflicts$/), expect.stringMatching(/^\/patients\/p-.+\/conflicts$/)])
  expect(screen.getByText(/写真 2枚がまだ届いていません/)).toBeTruthy()
})
