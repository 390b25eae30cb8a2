/** Reading a QR code: by the camera, else from a picture. Typing stays possible beside it. Knows nothing of what the code means. */
import { useEffect, useId, useRef, useState } from 'react'
import type { CameraRefusal } from '../api/transport'
import { Icon } from '../records/Icon'
import parts from '../records/parts.module.css'
import { deviceCamera, refusalOf, type CameraSource, type LiveCamera } from '../records/photo/camera'
import { Frames } from '../records/photo/Frames'
import { useWords } from '../records/useWords'
import css from './scan.module.css'
import { scanWords } from './words'

type Decode = (picture: Blob | ImageData) => Promise<string | null>
type Trouble = CameraRefusal | 'nothing' | 'broken'

const decodeHere: Decode = async (picture) => (await import('./decode')).codeIn(picture)

interface Props {
  onCode(text: string): void
  camera?: CameraSource
  decode?: Decode
}

export function Scan({ onCode, camera = deviceCamera, decode = decodeHere }: Props) {
  const say = useWords(scanWords)
  const id = useId()
  const [on, setOn] = useState(false)
  const [trouble, setTrouble] = useState<Trouble | null>(null)
  const stop = (why: Trouble | null) => { setOn(false); setTrouble(why) }
  const found = (text: string) => { stop(null); onCode(text) }
  const read = (file: File) => decode(file).then((text) => (text ? found(text) : stop('nothing')), () => stop('broken'))
  return (
    <div className={css.scan}>
      {on ? <Live camera={camera} decode={decode} onCode={found} onTrouble={stop} /> : null}
      <div className={css.row}>
        <button type="button" className={`${parts.btn} ${parts.big}`} onClick={() => { setTrouble(null); setOn(!on) }}><Icon name={on ? 'close' : 'camera'} />{say(on ? 'stop' : 'start')}</button>
        <span className={css.file}>
          <input id={id} className={parts.sr} type="file" accept="image/*" capture="environment" onChange={(event) => { const [file] = event.target.files ?? []; event.target.value = ''; if (file) void read(file) }} />
          <label htmlFor={id} className={`${parts.btn} ${parts.big}`}>{say('file')}</label>
        </span>
      </div>
      {trouble ? <p className={css.trouble} role="alert">{say(trouble)}</p> : null}
    </div>
  )
}

interface LiveProps {
  camera: CameraSource
  decode: Decode
  onCode(text: string): void
  onTrouble(why: Trouble): void
}

const PAUSE_MS = 200

function Live({ camera, decode, onCode, onTrouble }: LiveProps) {
  const say = useWords(scanWords)
  const [live, setLive] = useState<LiveCamera | null>(null)
  const video = useRef<HTMLVideoElement | null>(null)
  const tell = useRef({ onCode, onTrouble })
  useEffect(() => { tell.current = { onCode, onTrouble } })
  useEffect(() => {
    const leaving = new AbortController()
    let open: LiveCamera | null = null
    const go = async () => {
      open = await camera.open()
      if (leaving.signal.aborted) return open.stop()
      setLive(open)
      while (!leaving.signal.aborted) {
        const picture = 'frame' in open ? await open.frame() : frameOf(video.current, open.stream)
        const text = picture ? await decode(picture).catch(() => { throw new Unread() }) : null
        if (text && !leaving.signal.aborted) return tell.current.onCode(text)
        await new Promise((later) => setTimeout(later, PAUSE_MS))
      }
    }
    go().catch((cause: unknown) => { if (!leaving.signal.aborted) tell.current.onTrouble(cause instanceof Unread ? 'broken' : refusalOf(cause)) })
    return () => { leaving.abort(); open?.stop() }
  }, [camera, decode])
  return (
    <div className={css.lens}>
      {live && 'stream' in live ? <video ref={video} autoPlay playsInline muted aria-label={say('live')} /> : null}
      {live && 'frame' in live ? <Frames camera={live} label={say('live')} onFailed={(cause) => onTrouble(refusalOf(cause))} /> : null}
      <p role="status">{say(live ? 'aim' : 'starting')}</p>
    </div>
  )
}

/** The reader itself does not work, whatever the picture. */
class Unread extends Error {}

const SIDE_MAX = 1280

function frameOf(video: HTMLVideoElement | null, stream: MediaStream): ImageData | null {
  if (!video) return null
  if (video.srcObject !== stream) video.srcObject = stream
  if (video.videoWidth === 0) return null
  const share = Math.min(1, SIDE_MAX / Math.max(video.videoWidth, video.videoHeight))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(video.videoWidth * share)
  canvas.height = Math.round(video.videoHeight * share)
  const pen = canvas.getContext('2d', { willReadFrequently: true })
  pen?.drawImage(video, 0, 0, canvas.width, canvas.height)
  return pen?.getImageData(0, 0, canvas.width, canvas.height) ?? null
}
