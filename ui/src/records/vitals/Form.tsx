/** The vitals form: fields with last and usual values, and a keypad that leads from one to the next. */
import { useEffect, useRef, useState } from 'react'
import type { VitalsBody } from '../bodies'
import { Icon } from '../Icon'
import type { FormProps } from '../kind'
import { PHONE, useMedia } from '../useMedia'
import { useWords } from '../useWords'
import { Ask } from './Ask'
import { FIELDS, fieldOf, FLOW, keysOf, wordIn, type FieldId, type VitalField } from './fields'
import { direction, openOf } from './findings'
import { focusOn, isDone, nextField, nextPart, partOf, type Focus } from './focus'
import { Keypad } from './Keypad'
import { press, type Key } from './typing'
import { Row } from './Row'
import { attributeOf, canRepeat, changeReading, readingAt, readingsOf, valueOf, withAttribute, withGas, withNotMeasured, withSecond, withValue } from './values'
import { valueText } from './show'
import { vitalsWords } from './words'
import css from './vitals.module.css'
import parts from '../parts.module.css'

export function VitalsForm(props: FormProps<VitalsBody>) {
  const { body, onChange, findings, answers, context, onward, back } = props
  const say = useWords(vitalsWords)
  const phone = useMedia(PHONE)
  const [added, setAdded] = useState<readonly FieldId[]>([])
  const [left, setLeft] = useState<readonly FieldId[]>(() => FIELDS.filter((field) => isDone(field, body)).map((field) => field.id))
  const [whyNot, setWhyNot] = useState(false)
  const shown = FIELDS.filter((field) => field.routine || added.includes(field.id) || keysOf(field).some((key) => context.measures[key]?.last || valueOf(body, key)))
  const hidden = FIELDS.filter((field) => !shown.includes(field))
  const [focus, setFocus] = useState<Focus>(() => focusOn(FIELDS.find((field) => field.routine && !isDone(field, body)) ?? first()))
  const field = FIELDS.find((each) => each.id === focus.field) ?? first()
  const part = partOf(field, focus.key)
  const [nth, setNth] = useState<Partial<Record<FieldId, number>>>({})
  const nthOf = (each: VitalField) => Math.min(nth[each.id] ?? 0, Math.max(readingsOf(body, keysOf(each)).length - 1, 0))
  const one = readingAt(body, keysOf(field), nthOf(field))
  const change = (each: VitalField, how: (reading: VitalsBody) => VitalsBody) => changeReading(body, keysOf(each), nthOf(each), how)
  const inputs = useRef(new Map<string, HTMLInputElement>())
  useEffect(() => inputs.current.get(focus.key)?.focus({ preventScroll: true }), [focus.key])

  const go = (to: Focus) => {
    if (to.field !== focus.field) {
      setLeft((now) => (now.includes(focus.field) ? now : [...now, focus.field]))
      setWhyNot(false)
    }
    setFocus(to)
  }
  const follow = (next: VitalsBody) => {
    const to = nextField(shown, field.id, next)
    if (to) go(focusOn(to))
    else setLeft((now) => [...now, field.id])
  }
  const put = (next: VitalsBody, text?: { key: string; full: boolean }) => {
    setLeft((now) => now.filter((id) => id !== field.id))
    onChange(next)
    if (!text?.full) return
    const second = nextPart(field, text.key)
    if (second) go({ field: field.id, key: second })
    else if (field.id !== 'spo2' || attributeOf(next, 'spo2', 'gas')) follow(next)
  }
  const onKey = (key: Key) => {
    if (!part) return
    const was = valueOf(one, part.key)
    // A word is no beginning of a number: a figure or the eraser takes its place.
    const typed = press(wordIn(field, was) ? '' : was, key, part)
    if (typed.text === was) return
    put(change(field, (reading) => withValue(reading, part.key, typed.text)), { key: part.key, full: typed.full && key !== 'erase' })
  }
  const onNext = () => {
    const second = part && valueOf(one, part.key) !== '' ? nextPart(field, part.key) : null
    if (second && valueOf(one, second) === '') { go({ field: field.id, key: second }); return }
    const to = nextField(shown, field.id, body)
    setLeft((now) => [...now, field.id])
    if (to) go(focusOn(to))
    else onward?.go()
  }
  const onCode = (code: string) => {
    const keys = keysOf(field)
    const next = change(field, (reading) => withValue(reading, keys[0] ?? '', code))
    onChange(next)
    // Whoever said which side it is may want to go on with the other one.
    if (!canRepeat(next, keys, field.again)) follow(next)
  }
  const onAttribute = (name: string, value: string) => {
    // Of several measurements each keeps its halves together by equal attributes.
    const keys = readingsOf(body, keysOf(field)).length > 1 ? keysOf(field) : keysOf(field).slice(0, 1)
    onChange(change(field, (reading) => keys.reduce((all, key) => withAttribute(all, key, name, value), reading)))
  }
  const second = (each: VitalField) => {
    if (!each.again) return
    onChange(withSecond(body, keysOf(each), each.again))
    setNth({ ...nth, [each.id]: 1 })
    setFocus(focusOn(each))
  }
  const onGas = (gas: 'room-air' | 'oxygen', flow: string) => {
    const next = withGas(body, gas, flow)
    if (gas === 'oxygen' && flow === '') { onChange(next); go({ field: 'spo2', key: FLOW.key }); return }
    onChange(next)
    if (valueOf(next, 'spo2') !== '') follow(next)
    else go({ field: 'spo2', key: 'spo2' })
  }
  const askOf = (each: VitalField) => {
    const open = left.includes(each.id) ? openOf(each, findings, (finding) => answers.has(finding)) : []
    const [finding] = open
    if (!finding) return null
    const all = readingsOf(body, keysOf(each))
    const about = all.filter((reading) => open.some((one) => valueOf(reading, one.field) === one.params.value))
    const at = about[0] ? all.indexOf(about[0]) : nthOf(each)
    const instead = (key: string, value: string) => onChange(changeReading(body, keysOf(each), at, (reading) => withValue(reading, key, value)))
    return (
      <Ask
        key={each.id}
        findings={open}
        name={say(`name.${each.id}`)}
        named={phone}
        value={(about.length > 1 ? about : [readingAt(body, keysOf(each), at)]).map((reading) => valueText(each, reading, say)).join('・')}
        say={say}
        onAgain={() => { const key = partOf(each, finding.field) ? finding.field : (keysOf(each)[0] ?? ''); instead(key, ''); setNth({ ...nth, [each.id]: at }); setLeft((now) => now.filter((id) => id !== each.id)); setFocus({ field: each.id, key }) }}
        onKeep={() => answers.give(open)}
        onSuggestion={(value) => instead(finding.field, value)}
      />
    )
  }
  const flagOf = (each: VitalField) => {
    const [found] = left.includes(each.id) ? findings.filter((finding) => finding.severity === 'ask' && fieldOf(finding.field)?.id === each.id) : []
    return found ? { side: direction(found), answered: answers.has(found) } : null
  }
  const next = nextField(shown, field.id, body)
  const remaining = shown.filter((each) => !isDone(each, body)).length
  const list = useRef<HTMLDivElement>(null)
  const asking = shown.map(askOf).find((ask) => ask !== null) ?? null
  const asks = asking !== null
  useEffect(() => {
    const row = list.current?.querySelector(`[data-field='${focus.field}']`)
    const seen = asks ? row?.parentElement : row
    seen?.scrollIntoView?.({ block: 'nearest' })
  }, [focus.field, asks])
  return (
    <div className={`${css.form} ${props.keypadSide === 'left' ? css.formLeft : ''}`}>
      <div className={css.fields}>
        <div className={css.scroll} ref={list} role="group" aria-label={say('fields')}>
          {shown.map((each) => (
            <div key={each.id} className={css.item}>
              <Row
                field={each}
                body={body}
                nth={nthOf(each)}
                measures={context.measures}
                activeKey={each.id === field.id ? focus.key : null}
                flag={flagOf(each)}
                say={say}
                inputs={inputs.current}
                onActivate={(key) => go({ field: each.id, key })}
                onType={(key, text) => { setLeft((now) => now.filter((id) => id !== each.id)); onChange(change(each, (reading) => withValue(reading, key, text))) }}
                onEnter={onNext}
                onWhyNot={() => { go(focusOn(each)); setWhyNot(true) }}
                onReading={(at) => { setNth({ ...nth, [each.id]: at }); go(focusOn(each)) }}
                onAgain={() => second(each)}
              />
              {!phone && askOf(each)}
            </div>
          ))}
          {hidden.length > 0 && (
            <div className={`${parts.chips} ${css.add}`} role="group" aria-label={say('add')}>
              {hidden.map((each) => (
                <button key={each.id} type="button" className={parts.chip} onClick={() => { setAdded([...added, each.id]); go(focusOn(each)) }}>
                  <Icon name="plus" small />{say(`name.${each.id}`)}
                </button>
              ))}
            </div>
          )}
        </div>
        <div className={css.foot}>
          {back && <button type="button" className={`${parts.btn} ${parts.quiet}`} onClick={back.go}>{back.words}</button>}
          {onward && <button type="button" className={parts.btn} onClick={onward.go}>{onward.words}{remaining > 0 ? say('remaining', { count: remaining }) : ''}<Icon name="next" small /></button>}
        </div>
      </div>
      <Keypad
        field={field}
        part={part}
        body={one}
        paired={readingsOf(body, keysOf(field)).length > 1}
        lastFlow={context.measures['o2.flow']?.last?.text ?? ''}
        say={say}
        asking={phone ? asking : null}
        whyNot={whyNot}
        nextWords={next ? say('nextNamed', { name: say(`name.${next.id}`) }) : (onward?.words ?? say('next'))}
        onKey={onKey}
        onSlash={() => { if (valueOf(one, 'bp.sys') !== '') go({ field: 'bp', key: 'bp.dia' }) }}
        onCode={onCode}
        onGas={onGas}
        onAttribute={onAttribute}
        onWhyNot={setWhyNot}
        onReason={(reason) => { const nextBody = withNotMeasured(body, keysOf(field), reason); onChange(nextBody); setWhyNot(false); if (reason) follow(nextBody) }}
        onNext={onNext}
        side={props.keypadSide}
      />
    </div>
  )
}

function first(): VitalField {
  const [field] = FIELDS
  if (!field) throw new Error('no fields')
  return field
}
