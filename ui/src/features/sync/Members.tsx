import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useRpc } from '../../api/rpc'
import type { MemberDevice, PatientRow } from '../../api/generated'
import { fullName } from '../../frame/Name'
import { Refused } from '../../frame/Refused'
import { useNow } from '../../frame/useClock'
import { Ring } from '../../records/DeliveryRing'
import { Seal } from '../../records/Seal'
import parts from '../../records/parts.module.css'
import { useDates } from '../../records/useDates'
import { useWords } from '../../records/useWords'
import { here, shortDay, stamp } from '../../records/when'
import css from './sync.module.css'
import { syncWords } from './words'

export function Members({ patients }: { patients: PatientRow[] }) {
  const say = useWords(syncWords)
  const [wanted, setWanted] = useState<string | null>(null)
  const patient = patients.find((each) => each.patientId === wanted) ?? patients[0]
  const members = useRpc('space.members', { patientId: patient?.patientId ?? '' }, { enabled: patient !== undefined })
  const dates = useDates()
  const now = useNow()
  if (!patient) return null
  return (
    <section>
      <header className={css.switch}>
        <h2>{say('who')}</h2>
        <select className={css.pick} aria-label={say('choose')} value={patient.patientId} onChange={(event) => setWanted(event.currentTarget.value)}>{patients.map((each) => <option key={each.patientId} value={each.patientId}>{fullName(each.name)}（{fullName(each.kana)}）</option>)}</select>
      </header>
      {members.error ? <Refused refusal={members.error} onAgain={() => void members.refetch()} /> : null}
      <ul className={css.who}>
        {(members.data?.teams ?? []).map((team) => (
          <li key={team.facilityId}>
            <b>{team.facility}</b>
            <p className={parts.facts}><span>{say(team.role)}</span>{team.since > 0 ? <span>{say('since', { at: shortDay(here(team.since), dates, now) })}</span> : null}{team.addedBy ? <span>{say('by', { name: team.addedBy.name })}</span> : null}{team.devices.length === 0 ? <span>{say('noDevices')}</span> : null}</p>
            <ul>{team.devices.map((device, place) => <li key={`${device.person.staffId}${place}`}><Seal person={device.person} small /><span className={css.grow}>{device.person.name}{device.person.isMe ? `（${say('thisDevice')}）` : ''}</span><Reach device={device} /></li>)}</ul>
          </li>
        ))}
      </ul>
      {members.data?.manager ? <p className={css.share}><span>{say('shareWho')}</span><Link to="/patients/$patientId/members" params={{ patientId: patient.patientId }} className={parts.btn}>{say('shareChange')}</Link></p> : null}
      <p className={css.legend}><span><Ring have={0} lack={1} />{say('legendHere')}</span><span><Ring have={2} lack={1} />{say('legendPart')}</span><span><Ring have={1} lack={0} />{say('legendAll')}</span></p>
      <p className={css.meta}>{say('note')}</p>
    </section>
  )
}

function Reach({ device }: { device: MemberDevice }) {
  const say = useWords(syncWords)
  const dates = useDates()
  const now = useNow()
  const at = device.lastHeardMs === null ? '' : `　${stamp(here(device.lastHeardMs), dates, now)}`
  if (device.lacks === null) return <span className={css.got}><Ring have={0} lack={1} />{device.lastHeardMs === null ? say('noAnswer') : say('unknown')}{at}</span>
  return <span className={css.got}><Ring have={device.lacks === 0 ? 1 : 3} lack={device.lacks === 0 ? 0 : 1} />{device.lacks === 0 ? say('allHere') : say('lacks', { n: device.lacks })}{at}</span>
}
