import { afterEach, describe, expect, it, vi } from 'vitest'
import { setTransport } from '../../api/rpc'
import { CameraError, type NativeCamera } from '../../api/transport'
import { deviceCamera, refusalOf } from './camera'

const transport = (camera?: NativeCamera) => setTransport({ call: () => Promise.reject(new Error('unused')), putBlob: () => Promise.reject(new Error('unused')), ...(camera ? { camera } : {}) })
const refused = (opening: Promise<unknown>) => opening.then(() => 'opened', refusalOf)

afterEach(() => vi.unstubAllGlobals())

describe('the camera', () => {
  it('is the app’s own where it has one: a frame at a time, closed at the end', async () => {
    const picture = new Blob(['jpeg'], { type: 'image/jpeg' })
    const native = { open: vi.fn(() => Promise.resolve()), frame: vi.fn(() => Promise.resolve(picture)), close: vi.fn() }
    transport(native)
    const live = await deviceCamera.open()
    expect('frame' in live && (await live.frame())).toBe(picture)
    live.stop()
    expect(native.close).toHaveBeenCalledOnce()
  })
  it('says why there is none, and never asks the page’s camera instead', async () => {
    const getUserMedia = vi.fn()
    vi.stubGlobal('navigator', { mediaDevices: { getUserMedia } })
    for (const refusal of ['none', 'busy', 'not-allowed', 'elsewhere'] as const) {
      transport({ open: () => Promise.reject(new CameraError(refusal)), frame: () => Promise.reject(new Error('unused')), close: () => undefined })
      expect(await refused(deviceCamera.open())).toBe(refusal)
    }
    expect(getUserMedia).not.toHaveBeenCalled()
  })
  it('is the page’s in a browser, with the browser’s reasons', async () => {
    transport()
    for (const [name, refusal] of [['NotAllowedError', 'not-allowed'], ['NotReadableError', 'busy'], ['OverconstrainedError', 'none']] as const) {
      vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: () => Promise.reject(new DOMException('', name)) } })
      expect(await refused(deviceCamera.open())).toBe(refusal)
    }
  })
})
