import { PasswordInput } from '@mantine/core'
import { useState } from 'react'
import type { Refusal } from '../../api/transport'
import { Refused } from '../../frame/Refused'
import parts from '../../records/parts.module.css'
import { useWords } from '../../records/useWords'
import css from './lock.module.css'
import { lockWords } from './words'

interface Asked {
  busy: boolean
  refusal: Refusal | null
  demo: string | null
  onPassphrase: (passphrase: string) => void
}

export function ByPassphrase({ busy, refusal, demo, onPassphrase }: Asked) {
  const say = useWords(lockWords)
  const [text, setText] = useState('')
  return (
    <form className={css.form} onSubmit={(event) => { event.preventDefault(); if (text) onPassphrase(text) }}>
      <PasswordInput size="lg" label={say('passphrase')} value={text} onChange={(event) => setText(event.currentTarget.value)} autoComplete="current-password" visibilityToggleButtonProps={{ 'aria-label': say('show') }} classNames={{ input: css.input, label: css.label }} />
      {demo ? <p className={css.demo}><span>{say('demo', { passphrase: demo })}</span><button type="button" className={parts.btn} onClick={() => setText(demo)}>{say('fill')}</button></p> : null}
      {refusal ? <Refused refusal={refusal} /> : null}
      <button type="submit" className={`${parts.btn} ${parts.act} ${parts.big}`} disabled={busy || text === ''}>{busy ? say('opening') : say('open')}</button>
    </form>
  )
}
