/** Who has an entry: a ring, always with figures or words. Dashed = only on this device. */
import type { Delivery } from '../api/generated'
import { ringPaths } from './ring'
import { useWords } from './useWords'
import { recordWords } from './words'
import css from './parts.module.css'

export function Ring({ have, lack }: { have: number; lack: number }) {
  const paths = ringPaths(have, lack)
  return (
    <svg className={css.ring} viewBox="0 0 40 40" aria-hidden="true">
      {paths ? (
        <>
          <path className={css.ringHas} d={paths.has} />
          <path className={css.ringNot} d={paths.not} />
        </>
      ) : (
        <circle cx="20" cy="20" r="15" className={css.ringHas} strokeDasharray={have === 0 ? '7 4.78' : undefined} />
      )}
    </svg>
  )
}

export function DeliveryRing({ delivery }: { delivery: Delivery }) {
  const say = useWords(recordWords)
  const have = delivery.have.length
  const all = have + delivery.lack.length
  switch (delivery.state) {
    case 'only-here':
      return <span className={`${css.got} ${css.gotHere}`}><Ring have={0} lack={1} />{say('onlyHere')}</span>
    case 'sent':
      return <span className={css.got}><Ring have={0} lack={1} />{say('sent')}</span>
    case 'partly':
      return <span className={`${css.got} ${css.gotPart}`} title={delivery.lack.join('、')}><Ring have={have} lack={all - have} />{say('partly', { have, all })}</span>
    case 'everyone':
      return <span className={css.got}><Ring have={1} lack={0} />{say('everyone', { have, all })}</span>
  }
}
