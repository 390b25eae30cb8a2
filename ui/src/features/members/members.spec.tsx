import { QueryClientProvider } from '@tanstack/react-query'
import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { cleanup, render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { fakeTransport } from '../../../dev/fake/transport'
import type { Transport } from '../../api/transport'
import { queryClient, setTransport } from '../../api/rpc'
import { startLanguage } from '../../i18n/i18n'
import { GrantsScreen } from './GrantsScreen'
import { Members } from './MembersScreen'

beforeAll(() => { startLanguage('ja') })
afterEach(() => { cleanup(); queryClient.clear() })

const PATIENT = 'p-サトウ-ハナコ'

function open(state: string, element = <Members patientId={PATIENT} />, answers: Partial<Record<string, unknown>> = {}) {
  const fake = fakeTransport(state)
  const call = vi.fn((name: string, req: unknown) => (name in answers ? Promise.resolve(answers[name]) : fake.call(name as never, req as never)))
  setTransport({ ...fake, call: call as unknown as Transport['call'] })
  const root = createRootRoute()
  const page = createRoute({ getParentRoute: () => root, path: '/', component: () => element })
  const router = createRouter({ routeTree: root.addChildren([page]), history: createMemoryHistory({ initialEntries: ['/'] }) })
  render(<QueryClientProvider client={queryClient}><RouterProvider router={router as never} /></QueryClientProvider>)
  return { sent: (name: string) => call.mock.calls.filter(([each]) => each === name).map(([, req]) => req) }
}

const row = async (facility: string) => (await screen.findByText(facility)).closest('li') as HTMLElement

it('changes a role after saying what follows, and not before it is another one', async () => {
  const { sent } = open('')
  await userEvent.click(within(await row('ひより薬局')).getByRole('button', { name: '役割を変える…' }))
  const sheet = screen.getByRole('dialog', { name: 'ひより薬局の役割' })
  const yes = within(sheet).getByRole<HTMLButtonElement>('button', { name: 'この役割にする' })
  expect(yes.disabled).toBe(true)
  await userEvent.click(within(sheet).getByRole('button', { name: '読む' }))
  expect(within(sheet).getByText(/これからは書けません/)).toBeTruthy()
  expect(sent('space.role')).toEqual([])
  await userEvent.click(yes)
  expect(sent('space.role')).toEqual([{ patientId: PATIENT, facilityId: 'f3', role: 'reader' }])
  expect(screen.queryByRole('dialog')).toBeNull()
})

it('adds a facility found by name in the directory', async () => {
  const { sent } = open('')
  await userEvent.click(await screen.findByRole('button', { name: '施設を加える…' }))
  const sheet = screen.getByRole('dialog', { name: '施設を加える' })
  expect(within(sheet).getByRole<HTMLButtonElement>('button', { name: '加える' }).disabled).toBe(true)
  await userEvent.type(await within(sheet).findByRole('searchbox'), '歯科')
  expect(within(sheet).getAllByRole('radio')).toHaveLength(1)
  await userEvent.click(within(sheet).getByRole('radio'))
  expect(within(sheet).getByText(/同意を確かめて/)).toBeTruthy()
  await userEvent.click(within(sheet).getByRole('button', { name: '加える' }))
  expect(sent('space.add')).toEqual([{ patientId: PATIENT, facilityId: 'c2', role: 'writer' }])
})

it('keeps the last facility that manages, and shows no decision to who does not manage', async () => {
  open('')
  expect(within(await row('なぎさ訪問看護')).queryByRole('button')).toBeNull()
  expect(screen.getByText(/管理する施設が1つは要る/)).toBeTruthy()
  cleanup(); queryClient.clear()
  open('member')
  await row('ひより薬局')
  expect(screen.queryByRole('button', { name: /…$/ })).toBeNull()
})

it('says why a facility could not be taken off, and leaves with Escape', async () => {
  const { sent } = open('', <Members patientId={PATIENT} />, { 'space.remove': { done: false, refused: 'role_too_low' } })
  await userEvent.click(within(await row('ひより薬局')).getByRole('button', { name: '外す…' }))
  await userEvent.click(screen.getByRole('button', { name: 'カルテから外す' }))
  expect(await screen.findByText(/役割が足りません/)).toBeTruthy()
  expect(sent('space.remove')).toEqual([{ patientId: PATIENT, facilityId: 'f3' }])
  await userEvent.keyboard('{Escape}')
  expect(screen.queryByRole('dialog')).toBeNull()
})

it('asks about what a lost device decided, and tells what became void with a compromised one', async () => {
  const { sent } = open('grants')
  expect(await screen.findByText('みなと訪問リハビリを加えた（読む）')).toBeTruthy()
  expect(screen.getByText('はまなす訪問介護を加えた：外れました')).toBeTruthy()
  await userEvent.click(screen.getAllByRole('button', { name: 'このままでよい' })[0] as HTMLElement)
  expect(sent('grant.confirm')).toEqual([{ patientId: PATIENT, deviceId: 'd3' }])
  await userEvent.click(screen.getByRole('button', { name: '外す… みなと訪問リハビリ' }))
  await userEvent.click(screen.getByRole('button', { name: 'カルテから外す' }))
  expect(sent('space.remove')).toEqual([{ patientId: PATIENT, facilityId: 'f6' }])
})

it('changes back a role that a lost device had given, in the chart it is about', async () => {
  const { sent } = open('grants', <GrantsScreen />)
  await userEvent.click(await screen.findByRole('button', { name: '役割を変える… しおかぜ内科クリニック' }))
  const sheet = screen.getByRole('dialog', { name: 'しおかぜ内科クリニックの役割' })
  expect(await within(sheet).findByText('佐藤', { exact: false })).toBeTruthy()
  expect(within(sheet).getByText('今の役割は「書く」です。')).toBeTruthy()
  await userEvent.click(within(sheet).getByRole('button', { name: '読む' }))
  await userEvent.click(within(sheet).getByRole('button', { name: 'この役割にする' }))
  expect(sent('space.role')).toEqual([{ patientId: PATIENT, facilityId: 'f2', role: 'reader' }])
})

it('lists every chart with something to confirm', async () => {
  open('grants', <GrantsScreen />)
  expect(await screen.findByRole('heading', { name: '佐藤 花子さんのカルテ' })).toBeTruthy()
  expect(screen.getByRole('heading', { name: '工藤 清さんのカルテ' })).toBeTruthy()
  expect(screen.queryByText(/はまなす/)).toBeNull()
  cleanup(); queryClient.clear()
  open('', <GrantsScreen />)
  expect(await screen.findByText('確かめることはありません')).toBeTruthy()
})
