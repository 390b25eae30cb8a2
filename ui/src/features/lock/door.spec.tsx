/** What stands behind the door at each state of a profile: nothing of a chart before it is open and in a team. */
import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { cleanup, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { queryClient, setTransport } from '../../api/rpc'
import { Refusal, type Command, type Req, type Res } from '../../api/transport'
import { startLanguage } from '../../i18n/i18n'
import { Door } from './Door'

const ME = { staffId: 's', name: '三浦 千秋', profession: 'nurse', facilityId: 'f', facility: 'しおかぜ', isMe: true }
let profile: Res<'profile.status'>
let joined: Res<'enrol.join'>
let asked: Req<'enrol.join'>[]

function start(): void {
  const answers: Partial<Record<Command, (req: never) => unknown>> = {
    'profile.status': () => profile,
    'enrol.join': (req) => { asked.push(req); return joined },
  }
  setTransport({
    call<N extends Command>(name: N, req: Req<N>): Promise<Res<N>> {
      const answer = answers[name]
      return answer ? Promise.resolve(answer(req as never) as Res<N>) : Promise.reject(new Refusal('unknown_command'))
    },
    putBlob: () => Promise.reject(new Refusal('unknown_command')),
  })
  render(<MantineProvider env="test"><QueryClientProvider client={queryClient}><Door><p>今日</p></Door></QueryClientProvider></MantineProvider>)
}

beforeEach(async () => {
  queryClient.clear()
  asked = []
  joined = { digits: null, state: 'waiting' }
  profile = { exists: true, unlocked: true, screenLocked: false, pinSet: false, pinMissesLeft: 5, pinWaitMs: 0, keystore: false, demo: null, me: null, removed: null }
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }))
  await startLanguage('ja').changeLanguage('ja')
})
afterEach(cleanup)

describe('the door', () => {
  it('lets in who has a team', async () => {
    profile.me = ME
    start()
    expect(await screen.findByText('今日')).toBeTruthy()
  })
  it('shows how to join to an open profile without a team, and asks for no second passphrase', async () => {
    start()
    expect(await screen.findByText('チームへの登録が残っています')).toBeTruthy()
    expect(screen.queryByLabelText('新しい合言葉')).toBeNull()
    expect(screen.queryByText('今日')).toBeNull()
  })
  it('says what is missing when only the code is given, and takes both from one text', async () => {
    start()
    await userEvent.type(await screen.findByLabelText(/^登録コード/), 'ABCD EFGH')
    await userEvent.click(screen.getByText('登録を始める'))
    expect(await screen.findByText(/コードだけでは/)).toBeTruthy()
    expect(asked).toEqual([])
    await userEvent.clear(screen.getByLabelText(/^登録コード/))
    await userEvent.paste('https://relay.example.jp/#ABCD-EFGH')
    expect(screen.getByLabelText<HTMLInputElement>(/^つなぎ先/).value).toBe('https://relay.example.jp')
    await userEvent.click(screen.getByText('登録を始める'))
    expect(await screen.findByText('相手の端末の答えを待っています')).toBeTruthy()
    expect(asked[0]?.codeOrUrl).toBe('https://relay.example.jp/#ABCD-EFGH')
  })
  it('stays with the digits although the profile is made meanwhile, and can begin again', async () => {
    joined = { digits: '482915', state: 'compare' }
    profile = { ...profile, exists: false, unlocked: false }
    start()
    await userEvent.type(await screen.findByLabelText('新しい合言葉'), 'kaze no toorimichi 27')
    await userEvent.type(screen.getByLabelText('合言葉をもう一度'), 'kaze no toorimichi 27')
    await userEvent.click(screen.getByLabelText(/^登録コード/))
    await userEvent.paste('https://relay.example.jp/#ABCD')
    await userEvent.click(screen.getByText('登録を始める'))
    const digits = await screen.findByRole('img', { name: '4 8 2 9 1 5' })
    profile = { ...profile, exists: true, unlocked: true }
    await queryClient.invalidateQueries()
    expect(document.contains(digits)).toBe(true)
    await userEvent.click(screen.getByText('やりなおす'))
    expect(await screen.findByText('チームへの登録が残っています')).toBeTruthy()
    expect(screen.getByLabelText<HTMLInputElement>(/^つなぎ先/).value).toBe('https://relay.example.jp')
    expect(screen.getByLabelText<HTMLInputElement>(/^登録コード/).value).toBe('')
  })
})
