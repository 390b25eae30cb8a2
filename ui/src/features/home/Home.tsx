/** The day: visits as a thread, what is new, what has not left this device, my patients. */
import { Link } from '@tanstack/react-router'
import { useRpc } from '../../api/rpc'
import type { Res } from '../../api/transport'
import { Refused } from '../../frame/Refused'
import { Empty } from '../../frame/Say'
import { Screen } from '../../frame/Screen'
import frame from '../../frame/frame.module.css'
import { useNow } from '../../frame/useClock'
import { Icon } from '../../records/Icon'
import parts from '../../records/parts.module.css'
import { useDates } from '../../records/useDates'
import { useWords } from '../../records/useWords'
import { clock, headingDay, here } from '../../records/when'
import { Choices } from './Choices'
import { Mine } from './Mine'
import { News, Unsent } from './News'
import { Round } from './Round'
import css from './home.module.css'
import { homeWords } from './words'

export function Home() {
  const say = useWords(homeWords)
  const dates = useDates()
  const now = useNow()
  const home = useRpc('home.show', {}, { everyMs: 5_000 })
  const find = <Link to="/patients" className={css.find} aria-label={say('findShort')}><Icon name="search" /><span>{say('find')}</span></Link>
  return (
    <Screen title={headingDay(now, dates, now)} tools={find}>
      {home.error && !home.data ? <div className={frame.pad}><Refused refusal={home.error} onAgain={() => void home.refetch()} /></div> : null}
      {home.data ? home.data.patients.length === 0 ? <Nobody /> : <Board home={home.data} /> : null}
    </Screen>
  )
}

function Nobody() {
  const say = useWords(homeWords)
  return <div className={frame.pad}><Empty title={say('none')} action={<Link to="/register" className={`${parts.btn} ${parts.act} ${parts.big}`}>{say('register')}</Link>}>{say('noneBody')}</Empty></div>
}

function Board({ home }: { home: Res<'home.show'> }) {
  const say = useWords(homeWords)
  const { data: sync } = useRpc('sync.status', {})
  return (
    <div className={css.board}>
      <div><Round today={home.today} /></div>
      <div className={css.side}>
        <Choices patients={home.patients} fields={home.waiting.conflicts} />
        <Unsent unsent={home.unsent} waiting={home.waiting} />
        <News news={home.news} patients={home.patients} />
        <Mine patients={home.patients} />
        {home.waiting.picturesMissing > 0 ? <p className={css.known}>{say('pictures', { n: home.waiting.picturesMissing })}</p> : null}
        {sync?.lastReceivedMs ? <p className={css.known}>{say('known', { at: clock(here(sync.lastReceivedMs)) })}</p> : null}
      </div>
    </div>
  )
}
