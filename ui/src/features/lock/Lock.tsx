/** Opening: a PIN when only the screen is locked, else the passphrase. Names no patient. */
import { useState } from 'react'
import { queryClient, useCall } from '../../api/rpc'
import type { Res } from '../../api/transport'
import { useNow } from '../../frame/useClock'
import { Mark } from '../../frame/Rail'
import { Seal } from '../../records/Seal'
import { professionWord } from '../../records/professions'
import { useDates } from '../../records/useDates'
import { useLang, useWords } from '../../records/useWords'
import { clock, headingDay } from '../../records/when'
import parts from '../../records/parts.module.css'
import { ByPassphrase } from './ByPassphrase'
import css from './lock.module.css'
import { PinPad } from './PinPad'
import { lockWords } from './words'

export function Lock({ profile }: { profile: Res<'profile.status'> }) {
  const say = useWords(lockWords)
  const lang = useLang()
  const dates = useDates()
  const now = useNow()
  const unlock = useCall('profile.unlock')
  const pinWorks = profile.pinSet && profile.pinMissesLeft > 0
  const [wantsPassphrase, setWantsPassphrase] = useState(false)
  const byPin = pinWorks && !wantsPassphrase
  const again = () => void queryClient.invalidateQueries({ queryKey: ['profile.status'] })
  return (
    <main className={css.lock}>
      <section className={css.side}>
        <p className={css.brand}><Mark size={38} />Meguri</p>
        <p className={css.clock}><b>{clock(now)}</b><span>{headingDay(now, dates, now)}</span></p>
        <p className={css.kept}>{say('kept')}</p>
      </section>
      <section className={css.open}>
        {profile.me ? <div className={css.me}><Seal person={profile.me} /><span><b>{profile.me.name}</b><span className={parts.label}>{professionWord(profile.me.profession, lang)}　{profile.me.facility}</span></span></div> : null}
        {byPin
          ? <PinPad waitMs={profile.pinWaitMs} refusal={unlock.error} busy={unlock.isPending} onPin={(pin) => unlock.mutate({ pin }, { onError: again })} demoPin={profile.demo?.pin ?? null} />
          : <ByPassphrase refusal={unlock.error} busy={unlock.isPending} demo={profile.demo?.passphrase ?? null} onPassphrase={(passphrase) => unlock.mutate({ passphrase }, { onError: again })} />}
        <p className={css.help}>
          {byPin ? say('forgot') : say('forgotPass')}
          {pinWorks ? <button type="button" className={`${parts.btn} ${parts.quiet}`} onClick={() => { unlock.reset(); setWantsPassphrase(!wantsPassphrase) }}>{byPin ? say('usePassphrase') : say('usePin')}</button> : null}
        </p>
      </section>
    </main>
  )
}
