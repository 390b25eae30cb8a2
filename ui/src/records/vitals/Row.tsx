/** One measure on the form: name, value, last and usual, and a way to say why it was not measured. */
import type { MeasureContext } from '../kind'
import type { VitalsBody } from '../bodies'
import { Icon } from '../Icon'
import { keysOf, wordIn, type VitalField } from './fields'
import type { VitalsSay } from './findings'
import { enter } from './typing'
import { attributesText, codeText, lastText, rangeText, valueText } from './show'
import { UsualBar } from './UsualBar'
import { canRepeat, readingAt, readingsOf, skippedBecause, valueOf } from './values'
import css from './vitals.module.css'
import parts from '../parts.module.css'

interface Props {
  field: VitalField
  body: VitalsBody
  /** Which of several measurements is being entered. */
  nth: number
  measures: Partial<Record<string, MeasureContext>>
  activeKey: string | null
  /** What was found about the value; `answered` once the person kept it. */
  flag: { side: 'low' | 'high' | null; answered: boolean } | null
  say: VitalsSay
  inputs: Map<string, HTMLInputElement>
  onActivate(key: string): void
  onType(key: string, text: string): void
  onEnter(): void
  onWhyNot(): void
  onReading(nth: number): void
  onAgain(): void
}

export function Row(props: Props) {
  const { field, body, say, activeKey } = props
  const skipped = skippedBecause(body, keysOf(field))
  const active = activeKey !== null
  const several = readingsOf(body, keysOf(field))
  const readings = several.length > 1 ? several : []
  const one = readingAt(body, keysOf(field), props.nth)
  const repeats = active && canRepeat(body, keysOf(field), field.again)
  const name = say(`name.${field.id}`)
  return (
    <div className={`${css.row} ${active ? css.rowOn : ''}`} data-field={field.id}>
      <button type="button" className={css.name} tabIndex={skipped ? 0 : -1} onClick={() => active || props.onActivate(keysOf(field)[0] ?? '')}>{name}<small>{say(`unit.${field.id}`)}</small></button>
      {skipped ? (
        <span className={`${parts.hatch} ${css.skipped}`}><span>{say('notMeasured')}：{say(`reason.${skipped}`)}</span></span>
      ) : (
        <span className={css.value}>
          <Value {...props} body={one} />
          <small>{attributesText(field, one, say)}</small>
        </span>
      )}
      <Reference field={field} body={one} measures={props.measures} say={say} flag={props.flag} />
      <button type="button" className={parts.iconBtn} aria-label={say('whyNot', { name })} onClick={props.onWhyNot}>
        <Icon name="more" />
      </button>
      {readings.length > 1 || repeats ? (
        <span className={css.readings}>
          {readings.map((each, at) => at !== props.nth && <button key={at} type="button" className={parts.chip} onClick={() => props.onReading(at)}>{attributesText(field, each, say)}　<b>{valueText(field, each, say) || '—'}</b></button>)}
          {repeats && <button type="button" className={parts.chip} onClick={props.onAgain}><Icon name="plus" small />{say(`again.${field.again ?? 'times'}`)}</button>}
        </span>
      ) : null}
    </div>
  )
}

function Value({ field, body, say, activeKey, inputs, onActivate, onType, onEnter }: Props) {
  if (field.codes) {
    const code = valueOf(body, field.codes.key)
    const codeKey = field.codes.key
    return (
      <button type="button" className={css.code} onClick={() => onActivate(codeKey)} aria-label={say(`name.${field.id}`)}>
        {code ? codeText(field.id, code, say) : <span className={css.dash}>—</span>}
      </button>
    )
  }
  return field.parts.map((part, index) => {
    const text = valueOf(body, part.key)
    const word = wordIn(field, text)
    if (word) return <button key={part.key} type="button" className={css.code} onClick={() => onActivate(part.key)} aria-label={`${say(`name.${field.id}`)} ${say(`word.${word}`)}`}>{say(`word.${word}`)}</button>
    const label = field.parts.length > 1 ? say(part.key === 'bp.sys' ? 'measure.bp.sys' : 'measure.bp.dia') : say(`name.${field.id}`)
    return (
      <span key={part.key}>
        {index > 0 && <span className={css.slash}>/</span>}
        <input
          ref={(input) => { if (input) inputs.set(part.key, input); else inputs.delete(part.key) }}
          className={`${css.input} ${activeKey === part.key ? css.inputOn : ''}`}
          style={{ width: `${emOf(text) + 0.06}em` }}
          inputMode="none"
          autoComplete="off"
          aria-label={`${label} ${say(`unit.${field.id}`)}`}
          value={text}
          placeholder="—"
          onFocus={() => onActivate(part.key)}
          onChange={(event) => { const typed = enter(event.target.value, part); if (typed !== null) onType(part.key, typed) }}
          onKeyDown={(event) => { if (event.key === 'Enter' || event.key === '/') { event.preventDefault(); onEnter() } }}
        />
      </span>
    )
  })
}

/** Figures of BIZ UDPGothic are 0.76 em wide, except 1. */
function emOf(text: string): number {
  return [...text].reduce((sum, sign) => sum + (sign === '1' ? 0.63 : sign === '.' ? 0.36 : 0.76), 0)
}

function Reference({ field, body, measures, say, flag }: Pick<Props, 'field' | 'body' | 'measures' | 'say' | 'flag'>) {
  const main = measures[keysOf(field)[0] ?? '']
  const last = lastText(field, measures, say)
  const typed = Number.parseFloat(valueOf(body, keysOf(field)[0] ?? ''))
  return (
    <span className={css.ref}>
      {main?.usual && <UsualBar usual={main.usual} last={main.last?.value ?? null} now={Number.isNaN(typed) ? null : typed} flagged={flag !== null} />}
      {flag?.answered && <span className={css.answered}>{flag.side === 'low' ? '▼' : flag.side === 'high' ? '▲' : ''}{say('confirmed')}</span>}
      <span>
        {last && <>{say('last')} <b>{last}</b>{main?.last?.family ? `（${say('family')}）` : ''}</>}
        <span className={css.opt}>
          {main?.usual && <>　<span className={css.unbroken}>{say('usual')} {rangeText(field, main.usual, say)}</span></>}
          {main?.high && <>　{say('limitHigh', { value: main.high })}</>}
          {main?.low && <>　{say('limitLow', { value: main.low })}</>}
        </span>
      </span>
    </span>
  )
}
