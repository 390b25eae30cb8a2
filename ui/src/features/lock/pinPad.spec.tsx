import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { startLanguage } from '../../i18n/i18n'
import { PinPad } from './PinPad'

beforeAll(() => { startLanguage('ja') })
afterEach(() => { vi.restoreAllMocks(); cleanup() })

const pad = (waitMs: number) => render(<PinPad busy={false} waitMs={waitMs} refusal={null} demoPin={null} onPin={() => undefined} />)

it('takes digits at once when there is nothing to wait for, however slow the screen was', () => {
  let at = 1_000
  vi.spyOn(Date, 'now').mockImplementation(() => { at += 7; return at })
  pad(0)
  expect(screen.getByRole<HTMLButtonElement>('button', { name: '1' }).disabled).toBe(false)
  expect(screen.queryByRole('status')).toBeNull()
})

it('says how long it takes no digits', () => {
  pad(4_000)
  expect(screen.getByRole<HTMLButtonElement>('button', { name: '1' }).disabled).toBe(true)
  expect(screen.getByText('あと4秒で入れられます')).toBeTruthy()
})
