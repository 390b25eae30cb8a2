/** A failed answer: what is, and one button that does what can be done about it. Works before and behind the door. */
import { useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { queryClient } from '../api/rpc'
import type { Refusal } from '../api/transport'
import parts from '../records/parts.module.css'
import { useWords } from '../records/useWords'
import { exportDiagnostics } from './diagnostics'
import { errorWords, refusalSentence } from './errorWords'
import { REMEDIES, type Remedy } from './remedies'
import { Say } from './Say'
import { wireWords } from './wireWords'
import { frameWords } from './words'

const WORDS = { again: 'again', fix: 'fix', reopen: 'restart', back: 'back', unlock: 'unlock', sync: 'seeReach', patients: 'toPatients', diagnostics: 'diagnostics' } as const satisfies Record<Remedy, keyof typeof frameWords.ja>

export function Refused({ refusal, onAgain }: { refusal: Refusal; onAgain?: (() => void) | undefined }) {
  const sentence = useWords(errorWords)
  const wire = useWords(wireWords)
  const say = useWords(frameWords)
  const router = useRouter({ warn: false }) as ReturnType<typeof useRouter> | undefined
  const [put, setPut] = useState<Refusal | null>(null)
  const [kept, setKept] = useState('')
  if (put === refusal) return null
  const known = REMEDIES[refusal.code]
  const remedy = known === 'fix' && onAgain ? 'again' : known
  const open = (to: '/sync' | '/patients') => { if (router) void router.navigate({ to }); else location.assign(to) }
  const go = (button: HTMLElement) => {
    const form = button.closest('form')
    switch (remedy) {
      case 'again':
        if (onAgain) onAgain()
        else if (form) form.requestSubmit()
        else { setPut(refusal); void queryClient.invalidateQueries() }
        return undefined
      case 'fix':
        (form ?? button.closest('dialog, section, main'))?.querySelector<HTMLElement>('input:not([type=file]), textarea, select')?.focus()
        return setPut(refusal)
      case 'reopen': return location.reload()
      // A dialog is left, not the screen below it.
      case 'back': return button.closest('[role=dialog]') ? void button.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true })) : history.back()
      case 'unlock': return void queryClient.invalidateQueries({ queryKey: ['profile.status'] })
      case 'sync': return open('/sync')
      case 'patients': return open('/patients')
      case 'diagnostics': return void exportDiagnostics({ name: refusal.code, where: '' }).then(setKept, () => undefined)
    }
  }
  return (
    <Say tone="warn" action={<button type="button" className={parts.btn} onClick={(event) => go(event.currentTarget)}>{say(WORDS[remedy])}</button>}>
      {kept ? say('diagnosticsKept', { place: kept }) : refusalSentence(sentence, wire, refusal)}
    </Say>
  )
}
