/** The shell of every screen: rail or bar, head (a title, or the patient's banner), a place for warnings, and the page. */
import type { ReactNode } from 'react'
import { Link } from '@tanstack/react-router'
import { useRpc } from '../api/rpc'
import { Icon } from '../records/Icon'
import parts from '../records/parts.module.css'
import { useWords } from '../records/useWords'
import { Banner } from './Banner'
import css from './frame.module.css'
import { Rail } from './Rail'
import { Refused } from './Refused'
import { SyncChip } from './SyncChip'
import { frameWords } from './words'

interface Frame {
  /** One sentence that stays above the page. */
  warning?: ReactNode
  /** Tabs under the head. */
  tabs?: ReactNode
  /** A visit hides the rail and the bar. */
  bare?: boolean
  /** Replaces the bar of main screens on narrow frames. */
  bottom?: ReactNode
  /** Nothing on the page can be touched: it takes the keys that scroll itself. */
  still?: boolean
  /** The page scrolls by itself (two columns, docked keypad). */
  fixed?: boolean
  children: ReactNode
}

interface Titled extends Frame {
  title: ReactNode
  /** Path of the arrow at the left; none on main screens. */
  back?: string
  tools?: ReactNode
}

interface Charted extends Frame {
  patientId: string
  back?: string
}

export function Screen({ title, back, tools, ...frame }: Titled) {
  const say = useWords(frameWords)
  const head = (
    <header className={css.top}>
      {back ? <Link to={back} className={parts.iconBtn} aria-label={say('back')}><Icon name="back" /></Link> : null}
      <h1>{title}</h1>
      {tools}
      <SyncChip />
    </header>
  )
  return <Shell head={head} {...frame} />
}

/** A screen about one patient: the banner stays whatever the page does. */
export function PatientScreen({ patientId, back = '/', children, ...frame }: Charted) {
  const patient = useRpc('patient.show', { patientId })
  const say = useWords(frameWords)
  if (patient.data) {
    return <Shell head={<Banner patient={patient.data} back={back} end={<SyncChip />} />} {...frame}>{children}</Shell>
  }
  return (
    <Screen title={say(patient.error ? 'unopened' : 'loading')} back={back}>
      {patient.error ? <div className={css.pad}><Refused refusal={patient.error} onAgain={() => void patient.refetch()} /></div> : null}
    </Screen>
  )
}

function Shell({ head, warning, tabs, bare, bottom, still, fixed, children }: Frame & { head: ReactNode }) {
  return (
    <div className={`${css.app} ${bare ? css.appBare : ''}`}>
      {bare ? null : <Rail hiddenBelow={bottom !== undefined} />}
      <div className={css.main}>
        {head}
        {tabs}
        {warning ? <div className={css.slot}>{warning}</div> : null}
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- else no key reaches the end of a still page */}
        <main className={fixed ? css.fixed : css.scroll} tabIndex={still ? 0 : undefined}>{children}</main>
        {bottom}
      </div>
    </div>
  )
}
