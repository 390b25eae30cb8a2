import { QueryClientProvider } from '@tanstack/react-query'
import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { queryClient, setTransport } from '../../api/rpc'
import { Refusal } from '../../api/transport'
import { startLanguage } from '../../i18n/i18n'
import { NO_PHOTO } from './body'
import { Picture } from './Form'
import { PhotoSummary } from './Summary'

const call = vi.fn()
beforeEach(() => { startLanguage('ja'); call.mockReset(); call.mockRejectedValue(new Refusal('blob_missing')); setTransport({ call, putBlob: () => Promise.reject(new Refusal('bug')) }) })
afterEach(() => { cleanup(); queryClient.clear() })
const body = { ...NO_PHOTO, thumb: { ...NO_PHOTO.thumb, id: 't' }, blob: { ...NO_PHOTO.blob, id: 'b' } }

it('says that a picture has not arrived, without asking for it and without a way to open it', () => {
  render(<QueryClientProvider client={queryClient}><PhotoSummary body={body} entryId="e" missing onOpen={() => undefined} /></QueryClientProvider>)
  expect(screen.getByText('写真はまだ届いていません')).toBeTruthy()
  expect(screen.queryByRole('button')).toBeNull()
  expect(call).not.toHaveBeenCalled()
})

it('says so too when the app finds it missing', async () => {
  render(<QueryClientProvider client={queryClient}><Picture entryId="e" blobId="b" alt="写真" /></QueryClientProvider>)
  expect(await screen.findByText('写真はまだ届いていません')).toBeTruthy()
})
