/** Who has this chart, per facility: until when, and how much is missing. Only on wide screens; the details are under "reach". */
import type { Instant } from '../../api/generated'
import { useRpc } from '../../api/rpc'
import { Ring } from '../../records/DeliveryRing'
import parts from '../../records/parts.module.css'
import { Seal } from '../../records/Seal'
import { useDates } from '../../records/useDates'
import { useWords } from '../../records/useWords'
import { here, stamp } from '../../records/when'
import { chartWords } from './words'
import css from './chart.module.css'

export function Members({ patientId, now }: { patientId: string; now: Instant }) {
  const say = useWords(chartWords)
  const dates = useDates()
  const members = useRpc('space.members', { patientId })
  return (
    <section className={css.sec}>
      <header><h2>{say('who')}</h2></header>
      <ul className={css.team}>
        {(members.data?.teams ?? []).map((team) => {
          const heard = Math.max(...team.devices.map((device) => device.lastHeardMs ?? 0), 0)
          const lacks = team.devices.map((device) => device.lacks).filter((count) => count !== null)
          const most = lacks.length > 0 ? Math.max(...lacks) : null
          const [device] = team.devices
          const silent = team.devices.some(({ person }) => person.isMe) ? say('thisDevice') : say('unheard')
          return (
            <li key={team.facilityId}>
              {device ? <Seal person={device.person} /> : <span />}
              <span>{team.facility}<small>{heard > 0 ? say('upTo', { at: stamp(here(heard), dates, now) }) : silent}</small></span>
              {most !== null && <span className={most > 0 ? `${parts.got} ${parts.gotPart}` : parts.got}><Ring have={most > 0 ? 3 : 1} lack={most > 0 ? 1 : 0} />{most > 0 ? say('lacks', { count: most }) : say('all_')}</span>}
            </li>
          )
        })}
      </ul>
    </section>
  )
}
