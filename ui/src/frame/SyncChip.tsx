/** Always top right: how many entries have not left this device, and since when nothing was heard. Dashed = only here. */
import { Link } from '@tanstack/react-router'
import { useRpc } from '../api/rpc'
import { Ring } from '../records/DeliveryRing'
import { Icon } from '../records/Icon'
import { useDates } from '../records/useDates'
import { useWords } from '../records/useWords'
import { here, stamp } from '../records/when'
import { CALM } from './calm'
import css from './frame.module.css'
import { useNow } from './useClock'
import { frameWords } from './words'

export function SyncChip() {
  const say = useWords(frameWords)
  const dates = useDates()
  const now = useNow()
  const { data: sync } = useRpc('sync.status', {}, { everyMs: 2_000 })
  if (!sync) return null
  const received = sync.lastReceivedMs === null ? say('neverReceived') : say('lastReceived', { at: stamp(here(sync.lastReceivedMs), dates, now) })
  const title = sync.unsent > 0 ? say(sync.state === 'sending' ? 'sending' : 'unsent', { n: sync.unsent }) : sync.state === 'offline' ? say('offline') : say('allSent')
  const look = !CALM.includes(sync.state)
  return (
    <Link to="/sync" className={`${css.sync} ${sync.unsent > 0 ? css.syncUnsent : ''} ${look ? css.syncLook : ''}`} aria-label={`${look ? say('look') : title} ${received}. ${say('reach')}${look && sync.unsent > 0 ? ` ${say('unsent', { n: sync.unsent })}` : ''}`}>
      {look ? <Icon name="alert" small /> : <Ring have={sync.unsent > 0 ? 0 : 1} lack={sync.unsent > 0 ? 1 : 0} />}
      <span><b className={css.syncTitle}>{look ? say('look') : title}</b>{' '}<b className={css.syncFigure} aria-hidden="true">{sync.unsent > 0 ? sync.unsent : ''}</b>{' '}<small className={css.syncWords}>{received}</small></span>
    </Link>
  )
}
