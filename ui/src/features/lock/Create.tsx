/** A device that belongs to no team: enrol from a colleague's device, or choose a passphrase first. */
import { PasswordInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useCall, queryClient } from '../../api/rpc'
import type { Req, Res } from '../../api/transport'
import { Mark } from '../../frame/Rail'
import { Refused } from '../../frame/Refused'
import { Say } from '../../frame/Say'
import parts from '../../records/parts.module.css'
import { useWords } from '../../records/useWords'
import { Scan } from '../../scan/Scan'
import { Farewell } from './Removed'
import { Joining } from './Joining'
import { joinInvitation, splitInvitation, tidyAddress, type Invitation } from './invitation'
import css from './lock.module.css'
import { lockWords } from './words'

interface Props {
  profile: Res<'profile.status'>
  /** While an enrolment is under way the door stays here, whatever becomes of the profile. */
  onJoining(under: boolean): void
}

const NOTHING: Invitation = { address: '', code: '' }

export function Create({ profile, onJoining }: Props) {
  const say = useWords(lockWords)
  const [invitation, setInvitation] = useState(NOTHING)
  const [passphrase, setPassphrase] = useState('')
  const [again, setAgain] = useState('')
  const [asked, setAsked] = useState<Req<'enrol.join'> | null>(null)
  const [joined, setJoined] = useState<Res<'enrol.join'> | null>(null)
  const [addressMissing, setAddressMissing] = useState(false)
  const join = useCall('enrol.join', { quiet: true })
  const create = useCall('profile.create')
  const least = profile.keystore ? 8 : 13
  const wrong = again !== '' && again !== passphrase
  // Who has chosen a passphrase already is let in by it, and not asked a second time.
  const ready = profile.exists || ([...passphrase].length >= least && again === passphrase)
  const typed = (text: string) => { setAddressMissing(false); setInvitation((old) => ({ ...old, ...splitInvitation(text) })) }
  const begin = () => {
    if (!ready || invitation.code.trim() === '') return
    if (tidyAddress(invitation.address) === '') { setAddressMissing(true); return }
    const req = { codeOrUrl: joinInvitation(invitation), passphrase }
    join.mutate(req, { onSuccess: (answer) => { setAsked(req); setJoined(answer); onJoining(true) } })
  }
  const leave = () => { setJoined(null); setAsked(null); setInvitation(({ address }) => ({ address, code: '' })); onJoining(false); void queryClient.invalidateQueries({ queryKey: ['profile.status'] }) }
  if (joined && asked) return <main className={css.create}><p className={css.brand}><Mark size={38} />Meguri</p><Joining joined={joined} asked={asked} onMoved={setJoined} onAgain={leave} onEnter={() => onJoining(false)} /></main>
  const input = { input: css.input, label: css.label, description: css.description }
  const refusal = join.error ?? create.error
  return (
    <main className={css.create}>
      <p className={css.brand}><Mark size={38} />Meguri</p>
      <h1>{say(profile.exists ? 'restTitle' : 'newTitle')}</h1>
      {profile.exists ? <p className={css.note}>{say('restBody')}</p> : null}
      {profile.removed ? <Farewell removed={profile.removed} /> : null}
      <form className={css.form} onSubmit={(event) => { event.preventDefault(); begin() }}>
        <h2>{say('joinTitle')}</h2>
        <p className={css.note}>{say('joinBody')}</p>
        <Scan onCode={typed} />
        <TextInput size="lg" label={say('address')} description={say('addressAbout')} value={invitation.address} onChange={(event) => { setAddressMissing(false); const address = event.currentTarget.value; setInvitation((old) => ({ ...old, address })) }} error={addressMissing ? say('addressMissing') : null} inputMode="url" autoCapitalize="none" autoComplete="off" spellCheck={false} classNames={input} />
        <TextInput size="lg" label={say('code')} value={invitation.code} onChange={(event) => typed(event.currentTarget.value)} autoCapitalize="characters" autoComplete="off" spellCheck={false} classNames={{ ...input, input: `${css.input} ${css.code}` }} />
        {profile.exists ? null : <>
          <PasswordInput size="lg" label={say('newPassphrase')} description={say('minimum', { n: least })} value={passphrase} onChange={(event) => setPassphrase(event.currentTarget.value)} autoComplete="new-password" visibilityToggleButtonProps={{ 'aria-label': say('show') }} classNames={input} />
          <PasswordInput size="lg" label={say('newAgain')} value={again} onChange={(event) => setAgain(event.currentTarget.value)} autoComplete="new-password" visibilityToggleButtonProps={{ 'aria-label': say('show') }} classNames={input} />
        </>}
        {wrong ? <Say tone="warn">{say('differs')}</Say> : null}
        {refusal ? <Refused refusal={refusal} /> : null}
        <button type="submit" className={`${parts.btn} ${parts.act} ${parts.big}`} disabled={!ready || invitation.code.trim() === '' || join.isPending}>{say('join')}</button>
        {profile.exists ? null : <>
          <p className={css.note}>{say('createBody')}</p>
          <button type="button" className={`${parts.btn} ${parts.big}`} disabled={!ready || create.isPending} onClick={() => create.mutate({ passphrase })}>{say('createTitle')}</button>
        </>}
      </form>
      <p className={css.note}>{say('relayBlind')}</p>
    </main>
  )
}
