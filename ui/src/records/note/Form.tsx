/** SOAP in four fields, phrases under the thumb, the last note below to read or to take over, marked. */
import { useRef, useState } from 'react'
import type { NoteBody } from '../bodies'
import { Icon } from '../Icon'
import type { FormProps } from '../kind'
import { useDates } from '../useDates'
import { useWords } from '../useWords'
import { here, stamp } from '../when'
import { copiedForward, isCopied, parseNote, PARTS, withPhrase, type Part } from './body'
import { noteWords } from './words'
import css from './note.module.css'
import parts from '../parts.module.css'

const STAMPS = ['stamp.0', 'stamp.1', 'stamp.2', 'stamp.3', 'stamp.4'] as const

export function NoteForm({ body, onChange, findings, context, onward, back }: FormProps<NoteBody>) {
  const say = useWords(noteWords)
  const dates = useDates()
  const [active, setActive] = useState<Part>('o')
  const fields = useRef(new Map<Part, HTMLTextAreaElement>())
  const last = parseNote(context.last?.body)
  const lastId = context.last?.id
  const tooLong = findings.find((finding) => finding.code === 'too_long')
  return (
    <div className={css.form}>
      <div className={css.scroll}>
        <div className={css.soap}>
          {PARTS.map((part) => (
            <label key={part} htmlFor={`note-${part}`} className={part === active ? css.on : ''}>
              <span id={`note-${part}-name`} className={css.letter}>{say(part)}<small>{say(`about.${part}`)}</small></span>
              <span className={css.words}>
                {part === 'o' && context.quote && <span className={css.quote}><span className={parts.sr}>{say('quoted')}：</span>{context.quote}</span>}
                {isCopied(body, part, last, lastId) && <span className={css.copied}>{say('copied')}</span>}
                <textarea
                  id={`note-${part}`}
                  aria-labelledby={`note-${part}-name`}
                  ref={(field) => { if (field) { fields.current.set(part, field); grow(field) } else fields.current.delete(part) }}
                  rows={1}
                  autoComplete="off"
                  value={body[part]}
                  onFocus={() => setActive(part)}
                  onChange={(event) => { grow(event.target); onChange({ ...body, [part]: event.target.value }) }}
                />
              </span>
            </label>
          ))}
        </div>
        {tooLong && <p className={css.tooLong} role="alert">{say('count', { chars: tooLong.params.chars ?? '', max: tooLong.params.max ?? '' })}</p>}
        <div className={`${parts.chips} ${css.stamps}`} role="group" aria-label={`${say('stamps')}：${say('into', { part: say(active) })}`}>
          {STAMPS.map((key) => <button key={key} type="button" className={parts.chip} onClick={() => onChange(withPhrase(body, active, say(key)))}>{say(key).replace(/[。.]$/, '')}</button>)}
        </div>
        {last && context.last && (
          <section className={css.last}>
            <h3>{say('last', { at: stamp(context.last.at, dates, here(Date.now())), author: context.last.author.isMe ? say('yours') : context.last.author.name })}</h3>
            <dl>
              {PARTS.filter((part) => last[part] !== '').map((part) => (
                <div key={part}>
                  <dt>{say(part)}</dt>
                  <dd>{last[part]}</dd>
                  <dd>
                    <button type="button" className={`${parts.btn} ${parts.quiet}`} aria-label={say('copy', { part: say(part) })} disabled={body[part].trim() !== ''} onClick={() => onChange(copiedForward(body, part, last, context.last?.id ?? ''))}>{say('copyShort')}</button>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        )}
      </div>
      <div className={css.foot}>
        {back ? <button type="button" className={`${parts.btn} ${parts.big}`} onClick={back.go}><Icon name="back" small />{back.words}</button> : <span />}
        {onward && <button type="button" className={`${parts.btn} ${parts.big} ${parts.act}`} onClick={onward.go}>{onward.words}<Icon name="next" small /></button>}
      </div>
    </div>
  )
}

/** As high as its text. */
function grow(field: HTMLTextAreaElement): void {
  field.style.height = 'auto'
  field.style.height = `${Math.max(field.scrollHeight, 58)}px`
}
