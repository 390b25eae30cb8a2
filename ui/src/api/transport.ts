/** How the screens reach the app: commands by name, pictures as bytes. The only seam that knows where the screens run. */
import type { Code, Rpc } from './generated'

export type Command = keyof Rpc
export type Req<N extends Command> = Rpc[N]['req']
export type Res<N extends Command> = Rpc[N]['res']

/** Codes of the app, and what only the screens can notice: nobody answers, or the page's pass has ended. */
export type ScreenCode = Code | 'app_silent' | 'session_ended'

/** A refusal: a code and words to fill in. Never carries text to show. */
export class Refusal extends Error {
  readonly code: ScreenCode
  readonly params: Record<string, string>
  constructor(code: ScreenCode, params: Record<string, string> = {}) {
    super(code)
    this.name = 'Refusal'
    this.code = code
    this.params = params
  }
}

/** Why a camera gives no picture: none here, another program has it, it is not permitted, or the device takes pictures with an app of its own. */
export const CAMERA_REFUSALS = ['none', 'busy', 'not-allowed', 'elsewhere'] as const
export type CameraRefusal = (typeof CAMERA_REFUSALS)[number]

export class CameraError extends Error {
  readonly refusal: CameraRefusal
  constructor(refusal: CameraRefusal) {
    super(refusal)
    this.name = 'CameraError'
    this.refusal = refusal
  }
}

/** A camera outside the page. Rejects with a CameraError. */
export interface NativeCamera {
  open(): Promise<void>
  /** The next picture, a JPEG. */
  frame(): Promise<Blob>
  close(): void
}

export interface Transport {
  call<N extends Command>(name: N, req: Req<N>): Promise<Res<N>>
  /** Bytes of a picture; answers the body of kind `photo` without caption. */
  putBlob(file: Blob): Promise<{ photo: unknown }>
  /** Only where the app reaches a camera itself. */
  camera?: NativeCamera
  /** Only where pages cannot give out files: the app writes the text and answers where it is. */
  keepDiagnostics?(text: string): Promise<string>
}
