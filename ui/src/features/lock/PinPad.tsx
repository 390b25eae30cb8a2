import { useEffect, useState } from 'react'
import type { Refusal } from '../../api/transport'
import { Refused } from '../../frame/Refused'
import { Icon } from '../../records/Icon'
import { useWords } from '../../records/useWords'
import css from './lock.module.css'
import { lockWords } from './words'

const DIGITS = 6

interface Asked {
  busy: boolean
  waitMs: number
  refusal: Refusal | null
  demoPin: string | null
  onPin: (pin: string) => void
}

export function PinPad({ busy, waitMs, refusal, demoPin, onPin }: Asked) {
  const say = useWords(lockWords)
  const [pin, setPin] = useState('')
  const left = useSecondsLeft(waitMs)
  const closed = busy || left > 0
  const press = (digit: string) => {
    if (closed) return
    const next = (pin + digit).slice(0, DIGITS)
    setPin(next.length === DIGITS ? '' : next)
    if (next.length === DIGITS) onPin(next)
  }
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (/^[0-9]$/.test(event.key)) press(event.key)
      if (event.key === 'Backspace') setPin((was) => was.slice(0, -1))
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })
  return (
    <div className={css.form}>
      <div className={css.pins} role="img" aria-label={say('entered', { n: pin.length })}>{Array.from({ length: DIGITS }, (_, place) => <i key={place} className={place < pin.length ? css.on : ''} />)}</div>
      {left > 0 ? <p className={css.help} role="status">{say('wait', { n: left })}</p> : refusal ? <Refused refusal={refusal} /> : null}
      <div className={css.keys}>
        {['1', '2', '3', '4', '5', '6', '7', '8', '9'].map((digit) => <button key={digit} type="button" disabled={closed} onClick={() => press(digit)}>{digit}</button>)}
        <span />
        <button type="button" disabled={closed} onClick={() => press('0')}>0</button>
        <button type="button" className={css.fn} aria-label={say('erase')} onClick={() => setPin(pin.slice(0, -1))}><Icon name="erase" /></button>
      </div>
      {demoPin ? <p className={css.help}>{say('demoPin', { pin: demoPin })}</p> : null}
    </div>
  )
}

function useSecondsLeft(waitMs: number): number {
  const [until, setUntil] = useState(() => Date.now() + waitMs)
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const at = Date.now()
    setNow(at)
    setUntil(at + waitMs)
  }, [waitMs])
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500)
    return () => clearInterval(timer)
  }, [])
  return Math.max(0, Math.ceil((until - now) / 1_000))
}
