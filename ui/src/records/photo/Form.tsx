/** Taking a picture: live camera with last time laid over it, or the device's own camera app or a file. */
import { useCallback, useEffect, useId, useRef, useState } from 'react'
import { putBlob, useRpc } from '../../api/rpc'
import { asRefusal } from '../../api/refusal'
import type { PhotoBody } from '../bodies'
import { Icon } from '../Icon'
import type { FormProps } from '../kind'
import { useDates } from '../useDates'
import { useWords, type Say } from '../useWords'
import { here, shortDay } from '../when'
import { recordWords } from '../words'
import { BODY_SITES, isEmptyPhoto, knownSite, NO_PHOTO, parsePhoto } from './body'
import type { CameraRefusal } from '../../api/transport'
import { deviceCamera, refusalOf, type CameraSource, type LiveCamera } from './camera'
import { Frames } from './Frames'
import { photoWords } from './words'
import css from './photo.module.css'
import parts from '../parts.module.css'

type PhotoSay = Say<keyof typeof photoWords.ja>
const OFF = { none: 'noCamera', busy: 'cameraBusy', 'not-allowed': 'cameraOff', elsewhere: 'cameraApp' } as const satisfies Record<CameraRefusal, string>
const REFUSED = ['picture_too_large', 'picture_too_many_pixels', 'not_a_picture', 'picture_heic', 'picture_type_mismatch', 'picture_corrupt'] as const

export function PhotoForm(props: FormProps<PhotoBody> & { camera?: CameraSource }) {
  const { body, onChange, context, onward, back } = props
  const say = useWords(photoWords)
  const [shot, setShot] = useState<string | null>(null)
  const [keeping, setKeeping] = useState(false)
  const [refused, setRefused] = useState<string | null>(null)
  const last = parsePhoto(context.last?.body)

  const keep = async (file: Blob) => {
    setRefused(null)
    setKeeping(true)
    setShot((old) => { if (old) URL.revokeObjectURL(old); return URL.createObjectURL(file) })
    try {
      const { photo } = await putBlob(file)
      const kept = parsePhoto(photo)
      if (kept) onChange({ ...kept, ...(last?.bodySite ? {} : {}), takenAt: here(Date.now()) })
    } catch (thrown) {
      const code = asRefusal(thrown).code
      const known = REFUSED.find((each) => each === code)
      setRefused(known ? say(`refused.${known}`) : say('refused.other', { code }))
      setShot(null)
    } finally {
      setKeeping(false)
    }
  }
  const again = () => { setShot(null); onChange(NO_PHOTO) }
  return (
    <div className={css.form}>
      {isEmptyPhoto(body) && !keeping ? (
        <Finder {...props} say={say} refused={refused} onShot={(file) => void keep(file)} />
      ) : (
        <Taken {...props} say={say} shot={shot} keeping={keeping} onAgain={again} lastSite={last?.bodySite} />
      )}
      <div className={css.foot}>
        {back ? <button type="button" className={`${parts.btn} ${parts.big}`} onClick={back.go}><Icon name="back" small />{back.words}</button> : <span />}
        {onward && (
          <button type="button" className={`${parts.btn} ${parts.big} ${isEmptyPhoto(body) ? '' : parts.act}`} disabled={keeping} onClick={onward.go}>
            {isEmptyPhoto(body) ? say('skip') : onward.words}<Icon name="next" small />
          </button>
        )}
      </div>
    </div>
  )
}

interface FinderProps extends FormProps<PhotoBody> {
  say: PhotoSay
  camera?: CameraSource
  refused: string | null
  onShot(file: Blob): void
}

function Finder({ context, camera, say, refused, onShot }: FinderProps) {
  const dates = useDates()
  const { live, off, video, attach, failed } = useCamera(camera ?? deviceCamera)
  const shoot = () => { if (!live) return; if ('frame' in live) live.frame().then(onShot, failed); else if (video.current) live.shoot(video.current).then(onShot, failed) }
  const [ghost, setGhost] = useState(false)
  const last = context.last
  const lastBody = parsePhoto(last?.body)
  const day = last ? shortDay(last.at, dates, here(Date.now())) : ''
  return (
    <div className={css.finder}>
      <div className={css.lens}>
        {live && 'stream' in live && <video ref={attach} autoPlay playsInline muted aria-label={say('live')} />}
        {live && 'frame' in live && <Frames camera={live} label={say('live')} onFailed={failed} />}
        {ghost && live && last && lastBody && <Picture className={css.ghost} entryId={last.id} blobId={lastBody.blob.id} alt="" />}
        {!live && <p className={css.off}>{off === null ? say('starting') : say(OFF[off])}</p>}
        {refused && <p className={css.hint} role="alert">{refused}</p>}
        {ghost && live && !refused && <p className={css.hint}>{say('ghostHint', { at: day })}</p>}
      </div>
      <div className={css.side}>
        {last && lastBody && (
          <figure>
            <Picture entryId={last.id} blobId={lastBody.thumb.id} thumb alt={say('last', { at: day })} />
            <figcaption>{say('last', { at: day })}　{siteWord(lastBody.bodySite, say)}</figcaption>
            {live && <button type="button" className={`${parts.btn} ${css.onDark}`} aria-pressed={ghost} onClick={() => setGhost(!ghost)}>{say('ghost')}</button>}
          </figure>
        )}
        {live && <button type="button" className={css.shutter} aria-label={say('take')} onClick={shoot} />}
        <FileButton words={live ? say('choose') : say('takeOrChoose')} main={!live} onFile={onShot} />
      </div>
    </div>
  )
}

function FileButton({ words, main, onFile }: { words: string; main: boolean; onFile(file: Blob): void }) {
  const id = useId()
  return (
    <span className={css.file}>
      <input id={id} className={parts.sr} type="file" accept="image/*" capture="environment" onChange={(event) => { const [file] = event.target.files ?? []; if (file) onFile(file); event.target.value = '' }} />
      <label htmlFor={id} className={`${parts.btn} ${main ? `${parts.big} ${parts.act}` : css.onDark}`}><Icon name="camera" />{words}</label>
    </span>
  )
}

function useCamera(source: CameraSource) {
  const [live, setLive] = useState<LiveCamera | null>(null)
  const [off, setOff] = useState<CameraRefusal | null>(null)
  const holder = useRef<HTMLVideoElement | null>(null)
  useEffect(() => {
    let gone = false
    let open: LiveCamera | null = null
    source.open().then(
      (camera) => { if (gone) camera.stop(); else { open = camera; setLive(camera) } },
      (cause: unknown) => { if (!gone) setOff(refusalOf(cause)) },
    )
    return () => { gone = true; open?.stop() }
  }, [source])
  const attach = useAttach(holder, live)
  const failed = useCallback((cause: unknown) => { setLive(null); setOff(refusalOf(cause)) }, [])
  return { live, off, video: holder, attach, failed }
}

/** Hands the stream to the element when it appears. */
function useAttach(holder: React.RefObject<HTMLVideoElement | null>, live: LiveCamera | null) {
  return useCallback((element: HTMLVideoElement | null) => {
    holder.current = element
    if (element && live && 'stream' in live && element.srcObject !== live.stream) element.srcObject = live.stream
  }, [holder, live])
}

interface TakenProps extends FormProps<PhotoBody> {
  say: PhotoSay
  shot: string | null
  keeping: boolean
  lastSite: string | undefined
  onAgain(): void
}

function Taken({ body, onChange, say, shot, keeping, lastSite, onAgain, entryId }: TakenProps) {
  const site = knownSite(body.bodySite)
  const offered = knownSite(lastSite)
  return (
    <div className={css.taken}>
      <div className={css.lens}>
        {shot ? <img src={shot} alt={say('taken')} /> : entryId && !isEmptyPhoto(body) ? <Picture entryId={entryId} blobId={body.blob.id} alt={say('taken')} /> : <Icon name="camera" />}
        <p className={css.hint} role="status">{keeping ? say('keeping') : say('kept')}</p>
      </div>
      <div className={css.about}>
        {offered && (
          <div className={parts.chips}>
            <button type="button" className={parts.chip} aria-pressed={site === offered} onClick={() => onChange({ ...body, bodySite: offered })}>{say(`site.${offered}`)}</button>
          </div>
        )}
        <label>{say('site')}
          <select className={parts.field} value={site ?? ''} onChange={(event) => { const { bodySite: _, ...rest } = body; onChange(event.target.value ? { ...rest, bodySite: event.target.value } : rest) }}>
            <option value="">{say('siteNone')}</option>
            {BODY_SITES.map((each) => <option key={each} value={each}>{say(`site.${each}`)}</option>)}
          </select>
        </label>
        <label>{say('caption')}<input className={parts.field} autoComplete="off" value={body.caption} maxLength={500} onChange={(event) => onChange({ ...body, caption: event.target.value })} /></label>
        <button type="button" className={parts.chip} aria-pressed={body.scaleInView} onClick={() => onChange({ ...body, scaleInView: !body.scaleInView })}>
          {body.scaleInView && <Icon name="check" small />}{say('scale')}
        </button>
        <button type="button" className={parts.btn} disabled={keeping} onClick={onAgain}><Icon name="again" small />{say('again')}</button>
      </div>
    </div>
  )
}

export function siteWord(code: string | undefined, say: PhotoSay): string {
  const site = knownSite(code)
  return site ? say(`site.${site}`) : ''
}

/** A kept picture by its address; the bytes never pass through JSON. */
export function Picture({ entryId, blobId, thumb, alt, className }: { entryId: string; blobId: string; thumb?: boolean; alt: string; className?: string | undefined }) {
  const { data, error } = useRpc('blob.read', { blobId, entryId, ...(thumb ? { thumb } : {}) }, { enabled: blobId !== '' })
  if (data) return <img className={className} src={data.url} alt={alt} draggable={false} />
  if (error?.code === 'blob_missing') return <NotArrived className={className} />
  return <span className={`${css.missing} ${className ?? ''}`} role="img" aria-label={alt}>{error ? <Icon name="camera" /> : null}</span>
}

/** In the place of a picture that others have and this device does not yet. */
export function NotArrived({ className }: { className?: string | undefined }) {
  const say = useWords(recordWords)
  return <span className={`${css.missing} ${css.notArrived} ${className ?? ''}`}><Icon name="clock" /><span>{say('noPicture')}</span></span>
}
