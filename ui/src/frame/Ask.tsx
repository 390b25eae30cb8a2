/** A decision asked once more: what follows from it, and two buttons. Focus goes in, Escape and the veil leave it. */
import { useEffect, useId, useRef, type ReactNode } from 'react'
import parts from '../records/parts.module.css'
import css from './Ask.module.css'

interface Props {
  title: ReactNode
  children: ReactNode
  /** Words of the button that does it, and of the one that leaves. */
  yes: string
  no: string
  /** It cannot be done yet, or is under way. */
  disabled?: boolean
  onYes(): void
  onNo(): void
}

export function Ask({ title, children, yes, no, disabled = false, onYes, onNo }: Props) {
  const id = useId()
  const sheet = useRef<HTMLElement>(null)
  const leave = useRef(onNo)
  leave.current = onNo
  useEffect(() => {
    const before = document.activeElement
    sheet.current?.focus()
    const onKey = (event: KeyboardEvent) => { if (event.key === 'Escape') { event.stopPropagation(); leave.current() } }
    document.addEventListener('keydown', onKey, true)
    return () => {
      document.removeEventListener('keydown', onKey, true)
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  return (
    <div className={css.veil}>
      <button type="button" className={css.outside} tabIndex={-1} aria-label={no} onClick={onNo} />
      <section className={css.sheet} role="dialog" aria-modal="true" aria-labelledby={id} ref={sheet} tabIndex={-1}>
        <h2 id={id}>{title}</h2>
        <div className={css.body}>{children}</div>
        <footer>
          <button type="button" className={`${parts.btn} ${parts.big}`} onClick={onNo}>{no}</button>
          <button type="button" className={`${parts.btn} ${parts.big} ${parts.act}`} disabled={disabled} onClick={onYes}>{yes}</button>
        </footer>
      </section>
    </div>
  )
}
