/** A decision asked once more: what follows from it, and two buttons. */
import { useId, type ReactNode } from 'react'
import parts from '../records/parts.module.css'
import css from './Ask.module.css'
import { Dialog } from './Dialog'

interface Props {
  /** Whose chart or which device it is about: the sheet may cover where that stands. */
  about?: ReactNode
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

export function Ask({ about, title, children, yes, no, disabled = false, onYes, onNo }: Props) {
  const id = useId()
  return (
    <Dialog labelledBy={id} leave={no} className={css.sheet} onLeave={onNo}>
      <header>{about ? <div className={parts.label}>{about}</div> : null}<h2 id={id}>{title}</h2></header>
      <div className={css.body}>{children}</div>
      <footer>
        <button type="button" className={`${parts.btn} ${parts.big}`} onClick={onNo}>{no}</button>
        <button type="button" className={`${parts.btn} ${parts.big} ${parts.act}`} disabled={disabled} onClick={onYes}>{yes}</button>
      </footer>
    </Dialog>
  )
}
