import { QueryClientProvider } from '@tanstack/react-query'
import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { cleanup, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { fakeTransport } from '../../../dev/fake/transport'
import type { TimelineEntry } from '../../api/generated'
import { queryClient, setTransport } from '../../api/rpc'
import { startLanguage } from '../../i18n/i18n'
import { EntryDetail } from './EntryDetail'

beforeAll(() => { startLanguage('ja') })
afterEach(() => { cleanup(); queryClient.clear() })

const PATIENT = 'p-サトウ-ハナコ'

async function open(state: string, choose: (entry: TimelineEntry) => boolean) {
  const fake = fakeTransport(state)
  const call = vi.fn(fake.call)
  setTransport({ ...fake, call: call as typeof fake.call })
  const { entries } = await fake.call('chart.timeline', { patientId: PATIENT, limit: 50 } as never) as { entries: TimelineEntry[] }
  const entry = entries.find(choose)
  if (!entry) throw new Error('no such entry')
  const closed = vi.fn()
  const now = { ms: Date.now(), zoneMin: 540 }
  const root = createRootRoute()
  const page = createRoute({ getParentRoute: () => root, path: '/', component: () => <EntryDetail patientId={PATIENT} entry={entry} now={now} onClose={closed} onOpenPhoto={() => undefined} /> })
  const router = createRouter({ routeTree: root.addChildren([page]), history: createMemoryHistory({ initialEntries: ['/'] }) })
  render(<QueryClientProvider client={queryClient}><RouterProvider router={router as never} /></QueryClientProvider>)
  return { entry, closed, struck: () => call.mock.calls.filter(([name]) => name === 'entry.strike').map(([, req]) => req) }
}

const sent = (entry: TimelineEntry) => entry.status === 'confirmed' && entry.receivedAt !== null

it('strikes through for a reason, as much as was chosen', async () => {
  const { entry, closed, struck } = await open('', sent)
  await userEvent.click(await screen.findByRole('button', { name: '線を引く…' }))
  const go = () => screen.getByRole<HTMLButtonElement>('button', { name: /件に線を引く$/ })
  expect(go().disabled).toBe(true)
  await userEvent.click(screen.getByRole('radio', { name: /書いた人のものではない/ }))
  await userEvent.click(await screen.findByRole('radio', { name: /ここから先に書いたものすべて（5件）/ }))
  expect(screen.getByText(/全員がそのまま読めます/)).toBeTruthy()
  await userEvent.click(go())
  expect(struck()).toEqual([{ patientId: PATIENT, entryId: entry.id, reason: 'other-hand', reach: 'since' }])
  expect(closed).toHaveBeenCalled()
})

it('is for managers, and for what has left the device', async () => {
  await open('member', sent)
  await screen.findByRole('button', { name: '訂正する' })
  await new Promise((done) => setTimeout(done, 50))
  expect(screen.queryByRole('button', { name: '線を引く…' })).toBeNull()
  cleanup(); queryClient.clear()
  await open('', (entry) => entry.receivedAt === null)
  await screen.findByRole('button', { name: '訂正する' })
  await new Promise((done) => setTimeout(done, 50))
  expect(screen.queryByRole('button', { name: '線を引く…' })).toBeNull()
})
