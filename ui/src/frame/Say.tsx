/** A sentence that matters, in its place on the page; an empty place. */
import type { ReactNode } from 'react'
import { Icon } from '../records/Icon'
import css from './frame.module.css'

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
