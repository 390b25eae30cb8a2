import { cleanup, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { CODES } from '../api/codes'
import { setTransport } from '../api/rpc'
import { Refusal, type ScreenCode } from '../api/transport'
import { startLanguage } from '../i18n/i18n'
import { BrokenPage } from './Broken'
import { diagnosticsText } from './diagnostics'
import { Refused } from './Refused'

const ALL: readonly ScreenCode[] = [...CODES, 'app_silent', 'session_ended']

beforeAll(() => { startLanguage('ja') })
afterEach(cleanup)

describe('a refusal', () => {
  it.each(ALL)('%s has one button with words, with and without a way to ask again', (code) => {
    for (const onAgain of [undefined, () => undefined]) {
      render(<Refused refusal={new Refusal(code)} onAgain={onAgain} />)
      const buttons = screen.getAllByRole('button')
      expect(buttons).toHaveLength(1)
      expect(buttons[0]?.textContent).toMatch(/^[^a-z]{2,}$/)
      cleanup()
    }
  })
  it('says what one can do where the reason is known, and the relay’s reason in words', () => {
    const said = (refusal: Refusal) => { render(<Refused refusal={refusal} />); const text = screen.getByRole('alert').textContent ?? ''; cleanup(); return text }
    expect(said(new Refusal('refused', { field: 'device', reason: 'unsent', n: '3' }))).toContain('まだ送っていない記録が3件あります')
    expect(said(new Refusal('not_allowed', { reason: 'no_admin' }))).toContain('ほかの端末を管理者として登録してください')
    expect(said(new Refusal('relay_refused', { reason: 'quota' }))).toContain('（置き場所がいっぱいです）')
    expect(said(new Refusal('relay_refused'))).not.toContain('（')
  })
  it('asks again', async () => {
    const onAgain = vi.fn()
    render(<Refused refusal={new Refusal('storage')} onAgain={onAgain} />)
    await userEvent.click(screen.getByText('もう一度'))
    expect(onAgain).toHaveBeenCalledTimes(1)
  })
  it('sends the form once more where the form is what failed', async () => {
    const onSubmit = vi.fn((event: React.FormEvent) => event.preventDefault())
    render(<form onSubmit={onSubmit}><input /><Refused refusal={new Refusal('storage')} /></form>)
    await userEvent.click(screen.getByText('もう一度'))
    expect(onSubmit).toHaveBeenCalledTimes(1)
  })
  it('leads back into the form, and speaks again when it fails again', async () => {
    const form = (refusal: Refusal) => <form><input aria-label="合言葉" /><Refused refusal={refusal} /></form>
    const { rerender } = render(form(new Refusal('wrong_passphrase')))
    await userEvent.click(screen.getByText('入れなおす'))
    expect(document.activeElement).toBe(screen.getByLabelText('合言葉'))
    expect(screen.queryByRole('alert')).toBeNull()
    rerender(form(new Refusal('wrong_passphrase')))
    expect(screen.getByRole('alert').textContent).toContain('合言葉がちがいます')
  })
})

describe('diagnostics', () => {
  const call = vi.fn()
  beforeEach(() => { call.mockReset(); setTransport({ call, putBlob: () => Promise.reject(new Refusal('bug')) }) })

  it('join what the app says and where the screen stopped', async () => {
    call.mockResolvedValue({ text: 'meguri 0.1.0\nstorage 2\n' })
    const text = await diagnosticsText({ name: 'TypeError', where: 'at Chart' }, new Date(0))
    expect(call).toHaveBeenCalledWith('about.diagnostics', {})
    expect(text).toMatch(/^meguri 0\.1\.0\nstorage 2\n\nscreen\n/)
    expect(text).toContain('"name": "TypeError"')
  })
  it('come also when the app does not answer', async () => {
    call.mockRejectedValue(new Refusal('app_silent'))
    expect(await diagnosticsText({ name: 'x', where: '' }, new Date(0))).toContain('about.diagnostics: app_silent')
  })
  it('are saved as a file from the page that stopped', async () => {
    call.mockResolvedValue({ text: 'meguri' })
    const saved: string[] = []
    vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => 'blob:x', revokeObjectURL: () => undefined }))
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) { saved.push(this.download) })
    render(<BrokenPage trouble={{ name: 'TypeError', where: '' }} />)
    await userEvent.click(screen.getByText('調べるための情報を書き出す'))
    await vi.waitFor(() => expect(saved).toEqual(['meguri-diagnostics.txt']))
    expect(screen.getByText('開きなおす')).toBeTruthy()
  })
  it('are written by the app where pages give out no files, and it is said where', async () => {
    call.mockResolvedValue({ text: 'meguri' })
    const keep = vi.fn<(text: string) => Promise<string>>(() => Promise.resolve('/home/a/meguri-diagnostics.txt'))
    setTransport({ call, putBlob: () => Promise.reject(new Refusal('bug')), keepDiagnostics: keep })
    render(<BrokenPage trouble={{ name: 'TypeError', where: '' }} />)
    await userEvent.click(screen.getByText('調べるための情報を書き出す'))
    expect(await screen.findByText(/^\/home\/a\/meguri-diagnostics.txt に書き出しました/)).toBeTruthy()
    expect(keep.mock.calls[0]?.[0]).toContain('"name": "TypeError"')
    keep.mockRejectedValueOnce(new Refusal('storage'))
    await userEvent.click(screen.getByText('調べるための情報を書き出す'))
    await vi.waitFor(() => expect(screen.queryByText(/に書き出しました/)).toBeNull())
  })
})
