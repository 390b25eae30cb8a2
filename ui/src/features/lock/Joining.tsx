/** The digits of two devices, and how far an enrolment is. */
import { useEffect, useState } from 'react'
import { asRefusal } from '../../api/refusal'
import { rpc, queryClient } from '../../api/rpc'
import type { Refusal, Req, Res } from '../../api/transport'
import { Refused } from '../../frame/Refused'
import parts from '../../records/parts.module.css'
import { useWords } from '../../records/useWords'
import css from './lock.module.css'
import { lockWords } from './words'

const POLL_MS = 1_500

/** The same request asked again tells how far it is; what cannot come back any more is told. */
function usePolling(joined: Res<'enrol.join'>, asked: Req<'enrol.join'>, onMoved: (joined: Res<'enrol.join'>) => void): Refusal | null {
  const [trouble, setTrouble] = useState<Refusal | null>(null)
  const going = joined.state !== 'done' && joined.state !== 'expired'
  useEffect(() => {
    if (!going) return undefined
    const ask = async () => {
      try {
        onMoved(await rpc('enrol.join', asked))
        setTrouble(null)
      } catch (thrown) {
        const refusal = asRefusal(thrown)
        if (refusal.code === 'enrol_expired') onMoved({ digits: null, state: 'expired' })
        else setTrouble(refusal)
      }
    }
    const timer = setTimeout(() => void ask(), POLL_MS)
    return () => clearTimeout(timer)
  })
  return going ? trouble : null
}

interface JoiningProps {
  joined: Res<'enrol.join'>
  asked: Req<'enrol.join'>
  /** The person has everything already and is only certified again. */
  anew?: boolean
  onMoved(joined: Res<'enrol.join'>): void
  onAgain(): void
  onEnter(): void
}

export function Joining({ joined, asked, anew = false, onMoved, onAgain, onEnter }: JoiningProps) {
  const say = useWords(lockWords)
  const trouble = usePolling(joined, asked, onMoved)
  const { digits, state } = joined
  const enter = async () => { await queryClient.invalidateQueries(); onEnter() }
  return (
    <>
      <h1>{state === 'compare' ? say('compareTitle') : state === 'done' ? say('done') : say('joinTitle')}</h1>
      {digits && state !== 'done' ? <p className={css.six} role="img" aria-label={[...digits].join(' ')}><span>{digits.slice(0, 3)}</span><span>{digits.slice(3)}</span></p> : null}
      <p className={css.note} role="status">{state === 'compare' ? say('compare') : state === 'done' ? say(anew ? 'doneAnew' : 'doneBody') : say(state)}</p>
      {trouble ? <Refused refusal={trouble} onAgain={() => void queryClient.invalidateQueries()} /> : null}
      {state === 'done' ? <button type="button" className={`${parts.btn} ${parts.act} ${parts.big}`} onClick={() => void enter()}>{say(anew ? 'enterAnew' : 'enter')}</button> : <>
        {state === 'compare' ? <p className={css.note}>{say('unlike')}</p> : null}
        <button type="button" className={`${parts.btn} ${parts.big}`} onClick={onAgain}>{say('again')}</button>
      </>}
    </>
  )
}
