/** Photographs of a chart: one with zoom, or two dates side by side that move together. */
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import type { TimelineEntry } from '../../api/generated'
import { useRpc } from '../../api/rpc'
import { Refused } from '../../frame/Refused'
import { Empty } from '../../frame/Say'
import { PatientScreen } from '../../frame/Screen'
import { useNow } from '../../frame/useClock'
import { Icon } from '../../records/Icon'
import parts from '../../records/parts.module.css'
import { parsePhoto } from '../../records/photo/body'
import { Picture, siteWord } from '../../records/photo/Form'
import { photoWords } from '../../records/photo/words'
import { useDates } from '../../records/useDates'
import { useWords } from '../../records/useWords'
import { listDay, stamp } from '../../records/when'
import { useZoom, type Zoom } from './useZoom'
import { viewerWords } from './words'
import css from './viewer.module.css'

export function PhotoScreen() {
  const { patientId = '', entryId = '' } = useParams({ strict: false })
  return <PatientScreen patientId={patientId} back={`/patients/${patientId}`} bare fixed><Viewer key={entryId} patientId={patientId} entryId={entryId} /></PatientScreen>
}

export function Viewer({ patientId, entryId }: { patientId: string; entryId: string }) {
  const say = useWords(viewerWords)
  const list = useRpc('chart.timeline', { patientId, kinds: ['photo'], limit: 200 })
  const photos = (list.data?.entries ?? []).filter((entry) => parsePhoto(entry.body) !== null && entry.status !== 'voided')
  const opened = photos.find((entry) => entry.id === entryId) ?? photos[0]
  const [right, setRight] = useState<string | null>(null)
  const [left, setLeft] = useState<string | null>(null)
  const [two, setTwo] = useState(false)
  const zoom = useZoom()
  if (list.error) return <div className={css.pad}><Refused refusal={list.error} onAgain={() => void list.refetch()} /></div>
  if (!list.data) return <p className={css.pad} role="status">{say('loading')}</p>
  if (!opened) return <div className={css.pad}><Empty title={say('none')} /></div>
  const shown = photos.find((entry) => entry.id === right) ?? opened
  const before = photos.find((entry) => entry.id === left) ?? earlier(photos, shown)
  return (
    <div className={css.viewer}>
      <div className={two ? css.pair : css.single}>
        {two && before && <Frame entry={before} photos={photos} zoom={zoom} label={say('left')} onPick={setLeft} />}
        <Frame entry={shown} photos={photos} zoom={zoom} label={say('right')} onPick={setRight} />
      </div>
      <div className={css.tools}>
        <button type="button" className={`${parts.btn} ${css.dark}`} disabled={photos.length < 2} aria-pressed={two} onClick={() => setTwo(!two)}>{say(two ? 'one' : 'two')}</button>
        <span className={css.zoom}>
          <button type="button" className={`${parts.btn} ${css.dark}`} aria-label={say('out')} disabled={zoom.view.scale <= 1} onClick={() => zoom.by(1 / 1.5)}><Icon name="minus" /></button>
          <output>{say('zoom', { percent: Math.round(zoom.view.scale * 100) })}</output>
          <button type="button" className={`${parts.btn} ${css.dark}`} aria-label={say('in')} disabled={zoom.view.scale >= 8} onClick={() => zoom.by(1.5)}><Icon name="plus" /></button>
        </span>
        <button type="button" className={`${parts.btn} ${css.dark}`} disabled={zoom.view.scale === 1} onClick={zoom.whole}>{say('whole')}</button>
      </div>
    </div>
  )
}

/** The photo before, of the same place if there is one. */
function earlier(photos: readonly TimelineEntry[], shown: TimelineEntry): TimelineEntry | undefined {
  const site = parsePhoto(shown.body)?.bodySite
  const others = photos.filter((entry) => entry.id !== shown.id)
  const older = others.filter((entry) => entry.at.ms < shown.at.ms)
  return older.find((entry) => parsePhoto(entry.body)?.bodySite === site) ?? older[0] ?? others[0]
}

function Frame({ entry, photos, zoom, label, onPick }: { entry: TimelineEntry; photos: readonly TimelineEntry[]; zoom: Zoom; label: string; onPick(id: string): void }) {
  const say = useWords(viewerWords)
  const photo = useWords(photoWords)
  const dates = useDates()
  const now = useNow()
  const body = parsePhoto(entry.body)
  if (!body) return null
  const site = siteWord(body.bodySite, photo)
  return (
    <figure className={css.frame}>
      <div className={css.lens} role="group" aria-label={say('pan')} {...zoom.handlers}>
        <div className={css.sheet} style={{ transform: `translate(${zoom.view.x}px, ${zoom.view.y}px) scale(${zoom.view.scale})` }}>
          <Picture entryId={entry.id} blobId={body.blob.id} alt={`${site}　${listDay(entry.at, dates, now)}`} />
        </div>
      </div>
      <figcaption>
        <select className={css.pick} aria-label={label} value={entry.id} onChange={(event) => onPick(event.target.value)}>
          {photos.map((each) => <option key={each.id} value={each.id}>{stamp(each.at, dates, now)}　{siteWord(parsePhoto(each.body)?.bodySite, photo)}</option>)}
        </select>
        <span>{[site, body.caption, body.scaleInView ? say('scale') : ''].filter(Boolean).join('　')}</span>
        <small>{say('by', { name: entry.author.name, facility: entry.author.facility })}</small>
      </figcaption>
    </figure>
  )
}
