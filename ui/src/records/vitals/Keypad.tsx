/** Large keys for the value being typed. Keeps the focus in the field, so a keyboard works at the same time. */
import { useState, type ReactNode } from 'react'
import { NOT_MEASURED_REASONS, type NotMeasuredReason, type VitalsBody } from '../bodies'
import { Icon } from '../Icon'
import { FLOW, keysOf, wordIn, type NumberPart, type VitalField } from './fields'
import type { VitalsSay, VitalsWord } from './findings'
import type { Key } from './typing'
import { codeText } from './show'
import { attributeOf, skippedBecause, valueOf } from './values'
import css from './vitals.module.css'
import parts from '../parts.module.css'

const FIGURES: readonly Key[] = ['1', '2', '3', '4', '5', '6', '7', '8', '9']

interface Props {
  field: VitalField
  part: NumberPart | null
  /** With the one measurement that is being entered. */
  body: VitalsBody
  /** Another one of the same field stands beside it, so its side is settled. */
  paired: boolean
  lastFlow: string
  say: VitalsSay
  asking: ReactNode
  whyNot: boolean
  nextWords: string
  onKey(key: Key): void
  onSlash(): void
  onCode(code: string): void
  onGas(gas: 'room-air' | 'oxygen', flow: string): void
  onAttribute(name: string, value: string): void
  onWhyNot(open: boolean): void
  onReason(reason: NotMeasuredReason | null): void
  onNext(): void
  side: 'left' | 'right'
}

export function Keypad(props: Props) {
  const { field, part, body, say, whyNot } = props
  const word = part ? wordIn(field, valueOf(body, part.key)) : null
  const name = part?.key === FLOW.key ? say('flowType') : say(`name.${field.id}`)
  return (
    <div className={`${css.pad} ${props.side === 'left' ? css.padLeft : ''}`} role="group" aria-label={say('keypad')} onPointerDown={keepFocus}>
      <div className={css.now}>
        <span className={css.nowName}>{name}</span>
        {part && <output className={css.figure}>{word ? say(`word.${word}`) : valueOf(body, part.key) || '—'}<small>{word ? '' : part.key === FLOW.key ? 'L' : say(`unit.${field.id}`)}</small></output>}
      </div>
      <Extras {...props} />
      {props.asking && <div className={css.dock}>{props.asking}</div>}
      {whyNot ? <Reasons {...props} /> : field.codes ? <Codes {...props} codes={field.codes} /> : <Figures {...props} />}
      <div className={css.padFoot}>
        <button type="button" className={`${parts.btn} ${parts.big}`} aria-pressed={whyNot} onClick={() => props.onWhyNot(!whyNot)}>{say('notMeasuredMore')}</button>
        <button type="button" className={`${parts.btn} ${parts.big} ${parts.act}`} onClick={props.onNext}>{props.nextWords}<Icon name="next" small /></button>
      </div>
    </div>
  )
}

/** A tap on a key must not take the caret out of the field. */
function keepFocus(event: React.PointerEvent): void {
  event.preventDefault()
}

function Figures({ part, say, onKey, onSlash }: Props) {
  const bp = part?.key === 'bp.sys'
  const decimals = (part?.decimals ?? 0) > 0
  return (
    <div className={css.keys}>
      {FIGURES.map((key) => <button key={key} type="button" onMouseDown={noBlur} onClick={() => onKey(key)}>{key}</button>)}
      {bp ? (
        <button type="button" className={css.fn} aria-label={say('nextPart')} onMouseDown={noBlur} onClick={onSlash}>/</button>
      ) : (
        <button type="button" className={decimals ? '' : css.off} disabled={!decimals} aria-label={decimals ? say('point') : undefined} onMouseDown={noBlur} onClick={() => onKey('.')}>
          {decimals ? '.' : say('noPoint')}
        </button>
      )}
      <button type="button" onMouseDown={noBlur} onClick={() => onKey('0')}>0</button>
      <button type="button" className={css.fn} aria-label={say('erase')} onMouseDown={noBlur} onClick={() => onKey('erase')}><Icon name="erase" /></button>
    </div>
  )
}

function noBlur(event: React.MouseEvent): void {
  event.preventDefault()
}

function Codes({ field, codes, body, say, onCode }: Props & { codes: { key: string; values: readonly string[] } }) {
  const now = valueOf(body, codes.key)
  return (
    <div className={`${css.keys} ${css.words}`}>
      {codes.values.map((code) => <button key={code} type="button" aria-pressed={code === now} onClick={() => onCode(code)}>{codeText(field.id, code, say)}</button>)}
    </div>
  )
}

function Reasons({ field, body, say, onReason }: Props) {
  const now = skippedBecause(body, field.codes ? [field.codes.key] : field.parts.map((part) => part.key))
  return (
    <div className={`${css.keys} ${css.words} ${css.reasons}`} role="group" aria-label={say('whyNot', { name: say(`name.${field.id}`) })}>
      {NOT_MEASURED_REASONS.map((reason) => <button key={reason} type="button" aria-pressed={reason === now} onClick={() => onReason(reason)}>{say(`reason.${reason}`)}</button>)}
      {now && <button type="button" onClick={() => onReason(null)}>{say('measuredAfterAll')}</button>}
    </div>
  )
}

const CHOICES: Partial<Record<VitalField['id'], readonly { name: string; group: VitalsWord; values: readonly ('right' | 'left' | 'both' | 'sitting' | 'supine' | 'regular' | 'irregular' | 'before-meal' | 'after-meal')[] }[]>> = {
  bp: [
    { name: 'side', group: 'sideGroup', values: ['right', 'left'] },
    { name: 'posture', group: 'postureGroup', values: ['sitting', 'supine'] },
  ],
  edema: [{ name: 'side', group: 'legGroup', values: ['right', 'left', 'both'] }],
  pulse: [{ name: 'rhythm', group: 'rhythmGroup', values: ['regular', 'irregular'] }],
  glucose: [{ name: 'timing', group: 'rhythmGroup', values: ['before-meal', 'after-meal'] }],
}

function Extras({ field, body, paired, lastFlow, say, onGas, onAttribute, onCode }: Props) {
  const [typing, setTyping] = useState(false)
  if (field.id === 'spo2') {
    const gas = attributeOf(body, 'spo2', 'gas')
    const flow = valueOf(body, 'o2.flow')
    const offered = flow || lastFlow
    return (
      <div className={parts.seg} role="group" aria-label={say('gasGroup')}>
        <button type="button" aria-pressed={gas === 'room-air'} onClick={() => { setTyping(false); onGas('room-air', '') }}>{say('attr.room-air')}</button>
        {offered && <button type="button" aria-pressed={gas === 'oxygen' && flow !== ''} onClick={() => { setTyping(false); onGas('oxygen', offered) }}>{say('flow', { flow: offered })}</button>}
        <button type="button" aria-pressed={typing && gas === 'oxygen' && !flow} onClick={() => { setTyping(true); onGas('oxygen', '') }}>{say('flowOther')}</button>
      </div>
    )
  }
  const groups = CHOICES[field.id]?.filter(({ name }) => !(paired && field.again === name))
  const key = keysOf(field)[0] ?? ''
  if (!groups?.length && !field.words) return null
  return (
    <div className={css.extras}>
      {field.words && (
        <div className={parts.seg} role="group" aria-label={say('wordGroup')}>
          {field.words.map((word) => <button key={word} type="button" aria-pressed={valueOf(body, key) === word} onClick={() => onCode(word)}>{say(`word.${word}`)}</button>)}
        </div>
      )}
      {groups?.map(({ name, group, values }) => (
        <div key={name} className={parts.seg} role="group" aria-label={say(group)}>
          {values.map((value) => {
            const on = attributeOf(body, key, name) === value
            return <button key={value} type="button" aria-pressed={on} onClick={() => onAttribute(name, on ? '' : value)}>{say(`attr.${value}`)}</button>
          })}
        </div>
      ))}
    </div>
  )
}
