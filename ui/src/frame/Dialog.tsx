/** What stands above the screen until it is answered: focus goes in and stays in, Escape and the veil leave it, focus goes back. */
import { useEffect, useRef, type ReactNode } from 'react'
import { createPortal } from 'react-dom'
import css from './Dialog.module.css'

interface Props {
  /** Id of its heading. */
  labelledBy: string
  /** Words of the veil, for who does not see it. */
  leave: string
  className?: string | undefined
  onLeave(): void
  children: ReactNode
}

export function Dialog({ labelledBy, leave, className, onLeave, children }: Props) {
  const sheet = useRef<HTMLElement>(null)
  const onEscape = useRef(onLeave)
  onEscape.current = onLeave
  useEffect(() => {
    const before = document.activeElement
    const behind = document.getElementById('root')
    behind?.setAttribute('inert', '')
    sheet.current?.focus()
    const onKey = (event: KeyboardEvent) => { if (event.key === 'Escape') { event.stopPropagation(); onEscape.current() } }
    document.addEventListener('keydown', onKey, true)
    return () => {
      document.removeEventListener('keydown', onKey, true)
      behind?.removeAttribute('inert')
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  return createPortal(
    <div className={css.veil}>
      <button type="button" className={css.outside} tabIndex={-1} aria-label={leave} onClick={onLeave} />
      <section className={`${css.dialog} ${className ?? ''}`} role="dialog" aria-modal="true" aria-labelledby={labelledBy} ref={sheet} tabIndex={-1}>{children}</section>
    </div>,
    document.body,
  )
}
