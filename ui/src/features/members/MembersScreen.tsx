/** Who shares a chart: since when, by whom, as what. A facility that manages it adds others, changes what they may do, takes them off. */
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useRpc } from '../../api/rpc'
import type { MemberTeam } from '../../api/generated'
import { Pending } from '../../frame/Pending'
import { Refused } from '../../frame/Refused'
import { PatientScreen } from '../../frame/Screen'
import { useNow } from '../../frame/useClock'
import { Icon } from '../../records/Icon'
import parts from '../../records/parts.module.css'
import { useDates } from '../../records/useDates'
import { useWords } from '../../records/useWords'
import { here, shortDay, stamp } from '../../records/when'
import { Add } from './Add'
import { Change, TakeOff } from './Decide'
import { OfChart } from './Grants'
import css from './members.module.css'
import { membersWords } from './words'

/** What is about to be decided. */
type Asked = { what: 'add' } | { what: 'role' | 'take'; team: MemberTeam }

export function MembersScreen() {
  const { patientId = '' } = useParams({ strict: false })
  return <PatientScreen patientId={patientId} back={`/patients/${patientId}`}><Members patientId={patientId} /></PatientScreen>
}

export function Members({ patientId }: { patientId: string }) {
  const say = useWords(membersWords)
  const members = useRpc('space.members', { patientId })
  const profile = useRpc('profile.status', {})
  const [asked, setAsked] = useState<Asked | null>(null)
  const teams = members.data?.teams ?? []
  const manager = members.data?.manager ?? false
  const managers = teams.filter((team) => team.role === 'manager').length
  const mine = profile.data?.me?.facilityId
  const end = () => setAsked(null)
  return (
    <div className={css.page}>
      <header className={css.head}>
        <div><h2>{say('title')}</h2>{members.data ? <p>{say('count', { n: teams.length })}　{say(manager ? 'lead' : 'leadOther')}</p> : null}</div>
        {manager ? <button type="button" className={`${parts.btn} ${parts.big} ${parts.act}`} onClick={() => setAsked({ what: 'add' })}><Icon name="plus" small />{say('add')}</button> : null}
      </header>
      {members.error ? <Refused refusal={members.error} onAgain={() => void members.refetch()} /> : null}
      {members.isPending ? <p className={css.lead} role="status">{say('loading')}</p> : null}
      {manager ? <OfChart patientId={patientId} /> : null}
      {manager ? <Pending patientId={patientId} /> : null}
      {teams.length > 0 ? (
        <ul className={css.list}>
          {teams.toSorted((a, b) => a.since - b.since).map((team) => (
            <Team key={team.facilityId} team={team} own={team.facilityId === mine} last={team.role === 'manager' && managers === 1} manager={manager} onAsk={(what) => setAsked({ what, team })} />
          ))}
        </ul>
      ) : null}
      {asked?.what === 'add' ? <Add patientId={patientId} onEnd={end} /> : null}
      {asked?.what === 'role' ? <Change patientId={patientId} team={asked.team} onEnd={end} /> : null}
      {asked?.what === 'take' ? <TakeOff patientId={patientId} facilityId={asked.team.facilityId} facility={asked.team.facility} onEnd={end} /> : null}
    </div>
  )
}

interface TeamProps {
  team: MemberTeam
  own: boolean
  /** Nobody else manages the chart. */
  last: boolean
  manager: boolean
  onAsk(what: 'role' | 'take'): void
}

function Team({ team, own, last, manager, onAsk }: TeamProps) {
  const say = useWords(membersWords)
  const dates = useDates()
  const now = useNow()
  const heard = Math.max(0, ...team.devices.map((device) => device.lastHeardMs ?? 0))
  const by = team.addedBy
  const facts = [
    team.since > 0 ? say('since', { at: shortDay(here(team.since), dates, now) }) : null,
    by ? (by.facilityId === team.facilityId ? say('by', { name: by.name }) : say('byOther', { name: by.name, facility: by.facility })) : null,
    say('devices', { n: team.devices.length }),
    heard > 0 ? say('heard', { at: stamp(here(heard), dates, now) }) : say('neverHeard'),
  ]
  return (
    <li>
      <div>
        <p className={css.name}>{team.facility}<span className={`${css.role} ${team.role === 'manager' ? css.manager : team.role === 'reader' ? css.reader : ''}`}>{say(team.role)}</span>{own ? <span className={parts.meta}>{say('own')}</span> : null}</p>
        <p className={parts.facts}>{facts.filter((fact) => fact !== null).map((fact) => <span key={fact}>{fact}</span>)}</p>
      </div>
      {manager && !last ? <div className={css.two}><button type="button" className={parts.btn} onClick={() => onAsk('role')}>{say('change')}</button><button type="button" className={`${parts.btn} ${parts.quiet}`} onClick={() => onAsk('take')}>{say('take')}</button></div> : null}
      {manager && last ? <p className={css.wide}>{say('onlyManager')}</p> : null}
    </li>
  )
}
