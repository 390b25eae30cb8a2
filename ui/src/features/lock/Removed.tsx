/** A device that was removed: it hands in what is unsent behind its lock, and then is empty. */
import type { Removed as RemovedRow } from '../../api/generated'
import { Mark } from '../../frame/Rail'
import { Say } from '../../frame/Say'
import { useNow } from '../../frame/useClock'
import { useDates } from '../../records/useDates'
import { useWords } from '../../records/useWords'
import { here, stamp } from '../../records/when'
import css from './lock.module.css'
import { lockWords } from './words'

export function Removed({ removed }: { removed: RemovedRow }) {
  const say = useWords(lockWords)
  return (
    <main className={`${css.create} ${css.removed}`}>
      <p className={css.brand}><Mark size={38} />Meguri</p>
      <h1>{say('removedTitle')}</h1>
      <When removed={removed} />
      <p className={css.note} role="status">{removed.left > 0 && removed.reason !== 'compromised' ? say('handingIn', { n: removed.left }) : say('erasing')}</p>
    </main>
  )
}

/** What became of the profile that was here. */
export function Farewell({ removed }: { removed: RemovedRow }) {
  const say = useWords(lockWords)
  const told = removed.reason === 'compromised' ? say('burnt') : removed.handedIn > 0 ? say('handedIn', { n: removed.handedIn }) : say('nothingLeft')
  return <Say><b>{say('removedTitle')}</b><When removed={removed} /><p>{told}</p></Say>
}

function When({ removed }: { removed: RemovedRow }) {
  const say = useWords(lockWords)
  const dates = useDates()
  return <p className={css.note}>{say('removedAt', { at: stamp(here(removed.atMs), dates, useNow()) })}</p>
}
