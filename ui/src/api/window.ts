/** The screens in the app's own window. */
import { convertFileSrc, invoke } from '@tauri-apps/api/core'
import { asRefusal } from './refusal'
import { CAMERA_REFUSALS, CameraError, type Command, type NativeCamera, type Req, type Res, type Transport } from './transport'

/** The camera as the app's own process sees it. */
const camera: NativeCamera = {
  open: () => filmed(invoke<null>('camera_open')).then(() => undefined),
  frame: async () => new Blob([await filmed(invoke<ArrayBuffer>('camera_frame'))], { type: 'image/jpeg' }),
  close: () => void invoke('camera_close').catch(() => undefined),
}

async function filmed<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (thrown) {
    throw new CameraError(CAMERA_REFUSALS.find((each) => each === thrown) ?? 'none')
  }
}

/** An address of the app is one of its own scheme here. */
function inWindow<N extends Command>(name: N, answer: Res<N>): Res<N> {
  if (name !== 'blob.read') return answer
  const { url } = answer as Res<'blob.read'>
  return { url: convertFileSrc('', 'meguri') + url.slice(1) } as Res<N>
}

export const windowTransport: Transport = {
  call: async <N extends Command>(name: N, req: Req<N>) => {
    try {
      return inWindow(name, await invoke<Res<N>>('rpc', { name, req }))
    } catch (thrown) {
      throw asRefusal(thrown)
    }
  },
  putBlob: async (file) => {
    try {
      const bytes = new Uint8Array(await file.arrayBuffer())
      return await invoke<{ photo: unknown }>('put_blob', bytes, { headers: { 'meguri-media-type': file.type } })
    } catch (thrown) {
      throw asRefusal(thrown)
    }
  },
  camera,
  keepDiagnostics: async (text) => {
    try {
      return await invoke<string>('keep_diagnostics', { text })
    } catch (thrown) {
      throw asRefusal(thrown)
    }
  },
}
