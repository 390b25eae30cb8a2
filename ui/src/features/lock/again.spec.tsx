/** Enrolling a device again: who is asked for what, and what cannot go wrong. */
import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { cleanup, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { fakeTransport } from '../../../dev/fake/transport'
import { queryClient, setTransport } from '../../api/rpc'
import type { Command, Req, Transport } from '../../api/transport'
import { startLanguage } from '../../i18n/i18n'
import { Again } from './Again'

let asked: Req<'enrol.join'>[] = []
beforeAll(() => { startLanguage('ja'); vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined })) })
afterEach(() => { cleanup(); queryClient.clear(); asked = [] })

function open(state: string) {
  const fake = fakeTransport(state)
  const transport: Transport = { ...fake, call: <N extends Command>(name: N, req: Req<N>) => { if (name === 'enrol.join') asked.push(req as Req<'enrol.join'>); return fake.call(name, req) } }
  setTransport(transport)
  const root = createRootRoute()
  const page = createRoute({ getParentRoute: () => root, path: '/', component: Again })
  const sync = createRoute({ getParentRoute: () => root, path: '/sync', component: () => <p>送信のようす</p> })
  const router = createRouter({ routeTree: root.addChildren([page, sync]), history: createMemoryHistory({ initialEntries: ['/'] }) })
  render(<MantineProvider env="test"><QueryClientProvider client={queryClient}><RouterProvider router={router as never} /></QueryClientProvider></MantineProvider>)
}

async function fill() {
  await userEvent.click(await screen.findByLabelText(/^登録コード/))
  await userEvent.paste('ABCD EFGH')
  await userEvent.type(screen.getByLabelText(/^合言葉/), 'kaze no toorimichi')
  await userEvent.click(screen.getByText('登録を始める'))
}

it('says what stays, wants code and passphrase, and shows the digits', async () => {
  open('own-key')
  expect(await screen.findByText(/まだ送っていない3件は、登録のあとに送ります/)).toBeTruthy()
  expect(screen.getByText<HTMLButtonElement>('登録を始める').disabled).toBe(true)
  await fill()
  expect(await screen.findByRole('img', { name: '4 8 2 9 1 5' })).toBeTruthy()
  expect(asked[0]).toEqual({ codeOrUrl: 'ABCD EFGH', passphrase: 'kaze no toorimichi' })
})

it('says so when the code is somebody else’s, and keeps what was typed', async () => {
  open('other')
  await fill()
  expect(await screen.findByText(/別の人のためのもの/)).toBeTruthy()
  expect(screen.getByLabelText<HTMLInputElement>(/^登録コード/).value).toBe('ABCD EFGH')
})

it('goes on to what is sent', async () => {
  open('joined')
  await fill()
  expect(await screen.findByText('登録できました')).toBeTruthy()
  await userEvent.click(screen.getByText('送るようすを見る'))
  expect(await screen.findByText('送信のようす')).toBeTruthy()
})
