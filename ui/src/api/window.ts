/** The screens in the app's own window. */
import { invoke } from '@tauri-apps/api/core'
import { asRefusal } from './refusal'
import type { Command, Req, Res, Transport } from './transport'

export const windowTransport: Transport = {
  call: async <N extends Command>(name: N, req: Req<N>) => {
    try {
      return await invoke<Res<N>>('rpc', { name, req })
    } catch (thrown) {
      throw asRefusal(thrown)
    }
  },
  putBlob: async (file) => {
    try {
      const bytes = new Uint8Array(await file.arrayBuffer())
      return await invoke<{ photo: unknown }>('put_blob', bytes, { headers: { 'content-type': file.type } })
    } catch (thrown) {
      throw asRefusal(thrown)
    }
  },
}
