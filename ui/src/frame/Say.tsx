/** A sentence that matters, in its place on the page; an empty place; a failed answer with one thing to do. */
import type { ReactNode } from 'react'
import type { Refusal } from '../api/transport'
import { Icon } from '../records/Icon'
import parts from '../records/parts.module.css'
import { useWords } from '../records/useWords'
import { errorWords } from './errorWords'
import css from './frame.module.css'
import { frameWords } from './words'

export function Say({ tone = 'plain', children, action }: { tone?: 'plain' | 'warn' | 'alert'; children: ReactNode; action?: ReactNode }) {
  return (
    <div className={`${css.say} ${tone === 'warn' ? css.sayWarn : tone === 'alert' ? css.sayAlert : ''}`} role={tone === 'plain' ? undefined : 'alert'}>
      <Icon name={tone === 'plain' ? 'info' : 'alert'} />
      <div className={css.sayBody}>{children}</div>
      {action}
    </div>
  )
}

export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={css.empty}>
      <h3>{title}</h3>
      {children ? <p>{children}</p> : null}
      {action}
    </div>
  )
}

export function Refused({ refusal, onAgain }: { refusal: Refusal; onAgain?: () => void }) {
  const sentence = useWords(errorWords)
  const say = useWords(frameWords)
  return (
    <Say tone="warn" action={onAgain ? <button type="button" className={parts.btn} onClick={onAgain}>{say('again')}</button> : undefined}>
      {sentence(refusal.code, { field: '', reason: '', min: '', left: '', ...refusal.params })}
    </Say>
  )
}
