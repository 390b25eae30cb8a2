import { PasswordInput } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useCall, useRpc } from '../../api/rpc'
import { Refused } from '../../frame/Refused'
import { Screen } from '../../frame/Screen'
import { useDiagnostics } from '../../frame/useDiagnostics'
import parts from '../../records/parts.module.css'
import { useWords } from '../../records/useWords'
import css from './settings.module.css'
import { Team } from './Team'
import { settingsWords } from './words'

const MINUTES = [1, 5, 10, 30] as const

export function Settings() {
  const say = useWords(settingsWords)
  const settings = useRpc('settings.show', {})
  const put = useCall('settings.put')
  const lock = useCall('profile.lock')
  const now = settings.data
  return (
    <Screen title={say('title')}>
      <div className={css.page}>
        {settings.error ?? put.error ? <Refused refusal={(settings.error ?? put.error)!} onAgain={() => void settings.refetch()} /> : null}
        <Team />
        {now ? <section className={css.card}>
          <h2>{say('screen')}</h2>
          <Choice label={say('language')} options={[['ja', say('ja')], ['en', say('en')]]} chosen={now.language} onChoose={(language) => put.mutate({ language })} />
          <Choice label={say('theme')} options={[['auto', say('auto')], ['light', say('light')], ['dark', say('dark')]]} chosen={now.theme} onChoose={(theme) => put.mutate({ theme })} />
          <Choice label={say('lock')} options={MINUTES.map((n) => [n, say('minutes', { n })])} chosen={now.autoLockMin} onChoose={(autoLockMin) => put.mutate({ autoLockMin })} />
          <Choice label={say('keypad')} options={[['left', say('left')], ['right', say('right')]]} chosen={now.keypadSide} onChoose={(keypadSide) => put.mutate({ keypadSide })} />
          <Choice label={say('wareki')} options={[['yes', say('first')], ['no', say('second')]]} chosen={now.wareki ? 'yes' : 'no'} onChoose={(which) => put.mutate({ wareki: which === 'yes' })} />
        </section> : null}
        <section className={css.card}>
          <h2>{say('device')}</h2>
          <div className={css.line}><span>{say('addNote')}</span><Link to="/enrol" className={parts.btn}>{say('add')}</Link></div>
          <div className={css.line}><span>{say('againNote')}</span><Link to="/again" className={parts.btn}>{say('again')}</Link></div>
          <Pin />
          <div className={css.line}><span>{say('relay')}<small>{now?.relayUrl ?? ''}</small></span></div>
          <Diagnostics />
          <div className={css.line}><Link to="/about" className={parts.btn}>{say('about')}</Link><span className={css.two}><button type="button" className={parts.btn} onClick={() => lock.mutate({})}>{say('lockNow')}</button><button type="button" className={parts.btn} onClick={() => lock.mutate({ drop: true })}>{say('lockHard')}</button></span></div>
        </section>
      </div>
    </Screen>
  )
}

function Choice<T extends string | number>({ label, options, chosen, onChoose }: { label: string; options: readonly (readonly [T, string])[]; chosen: T; onChoose: (value: T) => void }) {
  return (
    <div className={css.line}>
      <span>{label}</span>
      <div className={`${parts.seg} ${css.seg}`} role="group" aria-label={label}>{options.map(([value, word]) => <button key={value} type="button" aria-pressed={value === chosen} onClick={() => onChoose(value)}>{word}</button>)}</div>
    </div>
  )
}

/** For whoever helps: nothing has to be broken for it. */
function Diagnostics() {
  const say = useWords(settingsWords)
  const { write, told } = useDiagnostics({ name: 'asked for', where: 'settings' })
  return <div className={css.line}><span>{say('diagnostics')}<small role="status">{told}</small></span><button type="button" className={parts.btn} onClick={write}>{say('write')}</button></div>
}

function Pin() {
  const say = useWords(settingsWords)
  const [pin, setPin] = useState('')
  const set = useCall('profile.pin')
  return (
    <form className={css.line} onSubmit={(event) => { event.preventDefault(); set.mutate({ pin }, { onSuccess: () => setPin('') }) }}>
      <span>{say('pin')}<small>{set.isSuccess ? say('pinSet') : say('pinNote')}</small>{set.error ? <Refused refusal={set.error} /> : null}</span>
      <span className={css.two}><PasswordInput aria-label={say('pin')} value={pin} inputMode="numeric" maxLength={6} autoComplete="off" onChange={(event) => setPin(event.currentTarget.value.normalize('NFKC').replace(/\D/g, ''))} classNames={{ root: css.pin, input: css.input }} withErrorStyles={false} visibilityToggleButtonProps={{ 'aria-label': say('show') }} /><button type="submit" className={parts.btn} disabled={pin.length !== 6 || set.isPending}>{say('setPin')}</button></span>
    </form>
  )
}
