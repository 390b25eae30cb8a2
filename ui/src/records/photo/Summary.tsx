/** A photograph in the chart: opened with a tap, place and remark below it. */
import type { PhotoBody } from '../bodies'
import type { SummaryProps } from '../kind'
import { useWords } from '../useWords'
import { recordWords } from '../words'
import { NotArrived, Picture, siteWord } from './Form'
import { photoWords } from './words'
import css from './photo.module.css'

export function PhotoSummary({ body, before, entryId, missing, onOpen }: SummaryProps<PhotoBody>) {
  const say = useWords(photoWords)
  const record = useWords(recordWords)
  const site = siteWord(body.bodySite, say)
  const alt = site ? record('photoAlt', { site }) : record('photoAltPlain')
  const words = (of: PhotoBody) => [siteWord(of.bodySite, say), of.caption, of.scaleInView ? say('scale') : ''].filter(Boolean).join('　')
  // Until a draft or an entry holds the picture's key, nothing can open it.
  const picture = entryId === '' ? null : missing ? <NotArrived /> : <Picture entryId={entryId} blobId={body.thumb.id} thumb alt={alt} />
  return (
    <figure className={css.summary}>
      {onOpen && picture && !missing ? <button type="button" onClick={onOpen} aria-label={`${record('picture')}：${alt}`}>{picture}</button> : picture}
      <figcaption>{before && words(before) !== words(body) && <del>{words(before)}</del>} {words(body)}</figcaption>
    </figure>
  )
}
