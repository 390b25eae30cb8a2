/** Where pictures come from. The app's own camera or the page's, where there is one; else the person's camera app or a file. */
import { nativeCamera } from '../../api/rpc'
import { CameraError, type CameraRefusal, type NativeCamera } from '../../api/transport'

export type LiveCamera = {
  stop(): void
} & (
  | { /** Shown by a video element. */ stream: MediaStream; /** The present frame as JPEG. */ shoot(video: HTMLVideoElement): Promise<Blob> }
  | { /** One picture after another. */ frame(): Promise<Blob> }
)

export interface CameraSource {
  open(): Promise<LiveCamera>
}

/** The app's camera, or the page's where the screens run in a browser. Rejects with a CameraError. */
export const deviceCamera: CameraSource = {
  open() {
    const native = nativeCamera()
    return native ? openNative(native) : openPage()
  },
}

async function openNative(native: NativeCamera): Promise<LiveCamera> {
  await native.open()
  return { frame: () => native.frame(), stop: () => native.close() }
}

/** The camera at the back, by getUserMedia. */
async function openPage(): Promise<LiveCamera> {
  const devices = typeof navigator === 'undefined' ? undefined : navigator.mediaDevices
  if (!devices?.getUserMedia) throw new CameraError('none')
  try {
    const stream = await devices.getUserMedia({ audio: false, video: { facingMode: { ideal: 'environment' }, width: { ideal: 4096 }, height: { ideal: 3072 } } })
    return { stream, shoot: frameOf, stop: () => stream.getTracks().forEach((track) => track.stop()) }
  } catch (cause) {
    const name = cause instanceof DOMException ? cause.name : ''
    throw new CameraError(name === 'NotAllowedError' ? 'not-allowed' : name === 'NotReadableError' ? 'busy' : 'none')
  }
}

export function refusalOf(cause: unknown): CameraRefusal {
  return cause instanceof CameraError ? cause.refusal : 'none'
}

async function frameOf(video: HTMLVideoElement): Promise<Blob> {
  // Whoever taps before the first picture stands gets that one.
  if (video.videoWidth === 0) await new Promise((drawn) => video.addEventListener('loadeddata', drawn, { once: true }))
  const canvas = document.createElement('canvas')
  canvas.width = video.videoWidth
  canvas.height = video.videoHeight
  canvas.getContext('2d')?.drawImage(video, 0, 0)
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new CameraError('none'))), 'image/jpeg', 0.92))
}
