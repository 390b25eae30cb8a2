/** No profile on this device yet: enrol from a colleague's device, or choose a passphrase first. */
import { PasswordInput, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { rpc, useCall, queryClient } from '../../api/rpc'
import type { Res } from '../../api/transport'
import { Mark } from '../../frame/Rail'
import { Refused } from '../../frame/Refused'
import { Say } from '../../frame/Say'
import parts from '../../records/parts.module.css'
import { useWords } from '../../records/useWords'
import { Scan } from '../../scan/Scan'
import css from './lock.module.css'
import { lockWords } from './words'

export function Create({ keystore }: { keystore: boolean }) {
  const say = useWords(lockWords)
  const [code, setCode] = useState('')
  const [passphrase, setPassphrase] = useState('')
  const [again, setAgain] = useState('')
  const [joined, setJoined] = useState<Res<'enrol.join'> | null>(null)
  const join = useCall('enrol.join', { quiet: true })
  const create = useCall('profile.create')
  const least = keystore ? 8 : 13
  const wrong = again !== '' && again !== passphrase
  const ready = [...passphrase].length >= least && again === passphrase
  usePolling(joined, { codeOrUrl: code, passphrase }, setJoined)
  if (joined) return <Joining joined={joined} onAgain={() => { setJoined(null); setCode('') }} />
  const input = { input: css.input, label: css.label, description: css.description }
  return (
    <main className={css.create}>
      <p className={css.brand}><Mark size={38} />Meguri</p>
      <h1>{say('newTitle')}</h1>
      <form className={css.form} onSubmit={(event) => { event.preventDefault(); if (ready && code) join.mutate({ codeOrUrl: code.trim(), passphrase }, { onSuccess: setJoined }) }}>
        <h2>{say('joinTitle')}</h2>
        <p className={css.note}>{say('joinBody')}</p>
        <Scan onCode={setCode} />
        <TextInput size="lg" label={say('code')} value={code} onChange={(event) => setCode(event.currentTarget.value)} autoComplete="off" spellCheck={false} classNames={input} />
        <PasswordInput size="lg" label={say('newPassphrase')} description={say('minimum', { n: least })} value={passphrase} onChange={(event) => setPassphrase(event.currentTarget.value)} autoComplete="new-password" visibilityToggleButtonProps={{ 'aria-label': say('show') }} classNames={input} />
        <PasswordInput size="lg" label={say('newAgain')} value={again} onChange={(event) => setAgain(event.currentTarget.value)} autoComplete="new-password" visibilityToggleButtonProps={{ 'aria-label': say('show') }} classNames={input} />
        {wrong ? <Say tone="warn">{say('differs')}</Say> : null}
        {join.error ?? create.error ? <Refused refusal={join.error ?? create.error!} /> : null}
        <button type="submit" className={`${parts.btn} ${parts.act} ${parts.big}`} disabled={!ready || code.trim() === '' || join.isPending}>{say('join')}</button>
        <p className={css.note}>{say('createBody')}</p>
        <button type="button" className={`${parts.btn} ${parts.big}`} disabled={!ready || create.isPending} onClick={() => create.mutate({ passphrase })}>{say('createTitle')}</button>
      </form>
      <p className={css.note}>{say('relayBlind')}</p>
    </main>
  )
}

/** The same request asked again tells how far it is. */
function usePolling(joined: Res<'enrol.join'> | null, req: { codeOrUrl: string; passphrase: string }, onMoved: (joined: Res<'enrol.join'>) => void): void {
  const going = joined !== null && joined.state !== 'done' && joined.state !== 'expired'
  useEffect(() => {
    if (!going) return undefined
    const timer = setInterval(() => void rpc('enrol.join', req).then(onMoved, () => undefined), 1_500)
    return () => clearInterval(timer)
  })
}

function Joining({ joined, onAgain }: { joined: Res<'enrol.join'>; onAgain: () => void }) {
  const say = useWords(lockWords)
  const digits = joined.digits
  return (
    <main className={css.create}>
      <p className={css.brand}><Mark size={38} />Meguri</p>
      <h1>{joined.state === 'compare' ? say('compareTitle') : joined.state === 'done' ? say('done') : say('joinTitle')}</h1>
      {digits ? <p className={css.six} role="img" aria-label={[...digits].join(' ')}><span>{digits.slice(0, 3)}</span><span>{digits.slice(3)}</span></p> : null}
      <p className={css.note} role="status">{joined.state === 'compare' ? say('compare') : joined.state === 'done' ? say('done') : joined.state === 'expired' ? say('expired') : joined.state === 'finishing' ? say('finishing') : say('waiting')}</p>
      {joined.state === 'done' ? <button type="button" className={`${parts.btn} ${parts.act} ${parts.big}`} onClick={() => void queryClient.invalidateQueries()}>{say('enter')}</button> : null}
      {joined.state === 'expired' ? <button type="button" className={`${parts.btn} ${parts.big}`} onClick={onAgain}>{say('again')}</button> : null}
    </main>
  )
}
