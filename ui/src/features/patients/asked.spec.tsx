import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { cleanup, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { fakeTransport } from '../../../dev/fake/transport'
import { queryClient, setTransport } from '../../api/rpc'
import { startLanguage } from '../../i18n/i18n'
import { lookFor } from './asked'
import { Register } from './Register'
import { Search } from './Search'

beforeAll(() => { startLanguage('ja') })
afterEach(() => { cleanup(); queryClient.clear() })

const NONE = { family: '', given: '', familyKana: '', givenKana: '' }

it('looks for what the similar people share', () => {
  expect(lookFor('佐藤 花子', NONE)).toBe('佐藤 花子')
  expect(lookFor('佐藤 花子、佐藤 華子', NONE)).toBe('佐藤')
  expect(lookFor('佐藤 花子、斉藤 華子', { ...NONE, familyKana: 'サトウ', givenKana: 'ハナコ' })).toBe('サトウ ハナコ')
  expect(lookFor('', { ...NONE, family: '佐藤', given: '花子' })).toBe('佐藤 花子')
})

it('opens the search with the name in it, and in no address', async () => {
  setTransport(fakeTransport(''))
  const root = createRootRoute()
  const routes = [{ path: '/register', component: Register }, { path: '/patients', component: Search }].map((one) => createRoute({ getParentRoute: () => root, ...one }))
  const history = createMemoryHistory({ initialEntries: ['/register'] })
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined, addListener: () => undefined, removeListener: () => undefined }))
  render(<MantineProvider><QueryClientProvider client={queryClient}><RouterProvider router={createRouter({ routeTree: root.addChildren(routes), history }) as never} /></QueryClientProvider></MantineProvider>)
  await userEvent.type(await screen.findByLabelText('姓'), '佐藤')
  await userEvent.type(screen.getByLabelText('名'), '花')
  await userEvent.click(screen.getByText('登録してカルテを作る'))
  await userEvent.click(await screen.findByText('同じ方か確かめる'))
  const box = await screen.findByRole<HTMLInputElement>('searchbox')
  expect(box.value).toBe('佐藤')
  expect(decodeURIComponent(history.location.href)).toBe('/patients')
  expect(JSON.stringify(history.location.state)).not.toContain('佐藤')
})
