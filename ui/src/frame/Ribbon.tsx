/** A practice profile says so on every screen, with its passphrase where one is asked for. */
import type { ReactNode } from 'react'
import { useRpc } from '../api/rpc'
import { useWords } from '../records/useWords'
import css from './frame.module.css'
import { frameWords } from './words'

export function Ribbon({ children }: { children: ReactNode }) {
  const say = useWords(frameWords)
  const { data: profile } = useRpc('profile.status', {})
  if (!profile?.demo) return children
  return (
    <div className={css.withRibbon}>
      <aside className={css.ribbon}><b>{say('demo')}</b><span>{say('demoSaid')}</span>{profile.unlocked && !profile.screenLocked ? null : <span>{say('demoPassphrase', { passphrase: profile.demo.passphrase })}</span>}{profile.pinSet && profile.screenLocked ? <span>{say('demoPin', { pin: profile.demo.pin })}</span> : null}</aside>
      {children}
    </div>
  )
}
