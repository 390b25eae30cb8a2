import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { CameraError } from '../api/transport'
import type { LiveCamera } from '../records/photo/camera'
import { startLanguage } from '../i18n/i18n'
import { textOf } from './decode'
import { Scan } from './Scan'

const bytes = (text: string) => new TextEncoder().encode(text)
const shots = (stop = vi.fn()): LiveCamera => ({ frame: () => new Promise((later) => { setTimeout(() => later(new Blob()), 20) }), stop })

beforeAll(() => { startLanguage('ja') })
afterEach(cleanup)

vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => 'blob:x', revokeObjectURL: () => undefined }))

describe('reading a code', () => {
  it('takes the bytes of a code, and no code that is damaged, empty or no text', () => {
    expect(textOf({ isValid: true, bytes: bytes('https://relay.example/e#AB12 ') })).toBe('https://relay.example/e#AB12')
    expect(textOf({ isValid: false, bytes: bytes('AB12') })).toBeNull()
    expect(textOf({ isValid: true, bytes: bytes(' ') })).toBeNull()
    expect(textOf({ isValid: true, bytes: new Uint8Array([0xff, 0xfe]) })).toBeNull()
  })
  it('looks until a picture shows one, then lets the camera go', async () => {
    const stop = vi.fn()
    const onCode = vi.fn()
    const decode = vi.fn().mockResolvedValueOnce(null).mockResolvedValue('AB12')
    render(<Scan onCode={onCode} decode={decode} camera={{ open: () => Promise.resolve(shots(stop)) }} />)
    await userEvent.click(screen.getByText('カメラで読みとる'))
    await vi.waitFor(() => expect(onCode).toHaveBeenCalledWith('AB12'))
    await vi.waitFor(() => expect(stop).toHaveBeenCalled())
    expect(onCode).toHaveBeenCalledTimes(1)
    expect(screen.getByText('カメラで読みとる')).toBeTruthy()
  })
  it('says why the camera does not help and leaves the picture file', async () => {
    render(<Scan onCode={vi.fn()} decode={vi.fn()} camera={{ open: () => Promise.reject(new CameraError('not-allowed')) }} />)
    await userEvent.click(screen.getByText('カメラで読みとる'))
    expect((await screen.findByRole('alert')).textContent).toContain('許されていません')
    expect(screen.getByText('写真から読みとる')).toBeTruthy()
  })
  it('reads a picture file, and says when there is no code in it', async () => {
    const onCode = vi.fn()
    const decode = vi.fn().mockResolvedValueOnce(null).mockResolvedValue('CD34')
    render(<Scan onCode={onCode} decode={decode} camera={{ open: () => Promise.reject(new CameraError('none')) }} />)
    const input = screen.getByLabelText('写真から読みとる')
    const file = new File(['x'], 'code.png', { type: 'image/png' })
    fireEvent.change(input, { target: { files: [file] } })
    expect((await screen.findByRole('alert')).textContent).toContain('見つかりません')
    fireEvent.change(input, { target: { files: [file] } })
    await vi.waitFor(() => expect(onCode).toHaveBeenCalledWith('CD34'))
  })
})
