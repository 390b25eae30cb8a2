/** A device that has a team is certified again: the relay has forgotten it, or its old keys are to be left behind. */
import { PasswordInput, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useCall, useRpc } from '../../api/rpc'
import type { Req, Res } from '../../api/transport'
import { Refused } from '../../frame/Refused'
import { Say } from '../../frame/Say'
import { Screen } from '../../frame/Screen'
import parts from '../../records/parts.module.css'
import { useWords } from '../../records/useWords'
import { Scan } from '../../scan/Scan'
import { Joining } from './Joining'
import { joinInvitation, splitInvitation, tidyAddress, type Invitation } from './invitation'
import css from './lock.module.css'
import { lockWords } from './words'

const NOTHING: Invitation = { address: '', code: '' }

export function Again() {
  const say = useWords(lockWords)
  const profile = useRpc('profile.status', {})
  const sync = useRpc('sync.status', {}, { everyMs: 5_000 })
  const navigate = useNavigate()
  const join = useCall('enrol.join', { quiet: true })
  const [invitation, setInvitation] = useState(NOTHING)
  const [passphrase, setPassphrase] = useState('')
  const [asked, setAsked] = useState<Req<'enrol.join'> | null>(null)
  const [joined, setJoined] = useState<Res<'enrol.join'> | null>(null)
  const me = profile.data?.me
  const unsent = sync.data?.unsent ?? 0
  const ready = passphrase !== '' && invitation.code.trim() !== ''
  const typed = (text: string) => setInvitation((old) => ({ ...old, ...splitInvitation(text) }))
  const begin = () => {
    // This device knows its relay: a code alone is enough.
    const codeOrUrl = tidyAddress(invitation.address) === '' ? invitation.code.normalize('NFKC').trim() : joinInvitation(invitation)
    const req = { codeOrUrl, passphrase }
    join.mutate(req, { onSuccess: (answer) => { setAsked(req); setJoined(answer); setPassphrase('') } })
  }
  const leave = () => { setJoined(null); setAsked(null); setInvitation(NOTHING); join.reset() }
  const input = { input: css.input, label: css.label, description: css.description }
  return (
    <Screen title={say('againTitle')} back="/sync">
      <div className={css.anew}>
        {joined && asked ? <Joining anew joined={joined} asked={asked} onMoved={setJoined} onAgain={leave} onEnter={() => void navigate({ to: '/sync' })} /> : (
          <form className={css.form} onSubmit={(event) => { event.preventDefault(); if (ready) begin() }}>
            <p className={css.note}>{say('againBody', { name: me?.name ?? '' })}</p>
            <Say>{say(unsent > 0 ? 'againUnsent' : 'againKept', { n: unsent })}</Say>
            <Scan onCode={typed} />
            <TextInput size="lg" label={say('code')} value={invitation.code} onChange={(event) => typed(event.currentTarget.value)} autoCapitalize="characters" autoComplete="off" spellCheck={false} classNames={{ ...input, input: `${css.input} ${css.code}` }} />
            <PasswordInput size="lg" label={say('passphrase')} description={say('againPassphrase')} value={passphrase} onChange={(event) => setPassphrase(event.currentTarget.value)} autoComplete="current-password" visibilityToggleButtonProps={{ 'aria-label': say('show') }} classNames={input} />
            {join.error ? <Refused refusal={join.error} /> : null}
            <button type="submit" className={`${parts.btn} ${parts.act} ${parts.big}`} disabled={!ready || join.isPending}>{say('join')}</button>
            <p className={css.note}>{say('relayBlind')}</p>
          </form>
        )}
      </div>
    </Screen>
  )
}
