/** Where pictures come from. A live camera where the device gives one; else the person's own camera app or a file. */

export interface LiveCamera {
  stream: MediaStream
  /** The present frame as JPEG. */
  shoot(video: HTMLVideoElement): Promise<Blob>
  stop(): void
}

export type CameraRefusal = 'none' | 'not-allowed'

export interface CameraSource {
  open(): Promise<LiveCamera>
}

/** The camera at the back, by getUserMedia. Rejects with a CameraRefusal. */
export const deviceCamera: CameraSource = {
  async open() {
    const devices = typeof navigator === 'undefined' ? undefined : navigator.mediaDevices
    if (!devices?.getUserMedia) throw refusal('none')
    try {
      const stream = await devices.getUserMedia({ audio: false, video: { facingMode: { ideal: 'environment' }, width: { ideal: 4096 }, height: { ideal: 3072 } } })
      return { stream, shoot: frameOf, stop: () => stream.getTracks().forEach((track) => track.stop()) }
    } catch (cause) {
      throw refusal(cause instanceof DOMException && cause.name === 'NotAllowedError' ? 'not-allowed' : 'none')
    }
  },
}

class CameraError extends Error {
  constructor(readonly refusal: CameraRefusal) {
    super(refusal)
  }
}

function refusal(why: CameraRefusal): CameraError {
  return new CameraError(why)
}

export function refusalOf(cause: unknown): CameraRefusal {
  return cause instanceof CameraError ? cause.refusal : 'none'
}

function frameOf(video: HTMLVideoElement): Promise<Blob> {
  const canvas = document.createElement('canvas')
  canvas.width = video.videoWidth
  canvas.height = video.videoHeight
  canvas.getContext('2d')?.drawImage(video, 0, 0)
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(refusal('none'))), 'image/jpeg', 0.92))
}
