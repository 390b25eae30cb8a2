/** What a device that was removed as lost had decided, for managers to confirm or undo; and what became void with a compromised one. */
import { useState } from 'react'
import { useCall, useRpc } from '../../api/rpc'
import type { LostGrant, LostGrants } from '../../api/generated'
import { Refused } from '../../frame/Refused'
import { Say } from '../../frame/Say'
import { useNow } from '../../frame/useClock'
import { Whose } from '../../frame/Whose'
import { Icon } from '../../records/Icon'
import parts from '../../records/parts.module.css'
import { useDates } from '../../records/useDates'
import { useWords } from '../../records/useWords'
import { here, stamp } from '../../records/when'
import { Change, TakeOff } from './Decide'
import css from './members.module.css'
import { membersWords } from './words'

/** A manager has still to say something. */
export const isOpen = (asked: LostGrants): boolean => asked.reason === 'lost' && asked.confirmedBy === null && asked.grants.length > 0

/** The grants of one chart, on its own screen. */
export function OfChart({ patientId }: { patientId: string }) {
  const grants = useRpc('grant.list', { patientId })
  if (grants.error) return <Refused refusal={grants.error} onAgain={() => void grants.refetch()} />
  return <>{(grants.data?.asked ?? []).map((asked) => (isOpen(asked) ? <Open key={asked.deviceId} asked={asked} /> : <Closed key={asked.deviceId} asked={asked} />))}</>
}

/** One device in one chart that managers are asked about. `named` says whose chart. */
export function Open({ asked, named = false }: { asked: LostGrants; named?: boolean }) {
  const say = useWords(membersWords)
  const dates = useDates()
  const now = useNow()
  const confirm = useCall('grant.confirm')
  const [undoing, setUndoing] = useState<LostGrant | null>(null)
  const end = () => setUndoing(null)
  const { patientId, deviceId } = asked
  const device = say('lostOf', { name: asked.person.name, at: stamp(here(asked.removedAt), dates, now) })
  const go = () => confirm.mutate({ patientId, deviceId })
  return (
    <section className={css.grants}>
      <header><Icon name="alert" /><div><h3>{named ? <Whose patientId={patientId} name={asked.patient} /> : say('grantsTitle')}</h3><p>{device}</p></div></header>
      <ul>
        {asked.grants.map((grant) => (
          <li key={`${grant.what}${grant.at}${grant.facilityId}`}>
            <span className={css.grow}>{said(say, 'grant', grant)}<small>{stamp(here(grant.at), dates, now)}{grant.what === 'admit' ? `　${say('strike')}` : ''}</small></span>
            {grant.what === 'admit' ? null : <button type="button" className={parts.btn} aria-label={`${say(undo(grant))} ${grant.facility}`} onClick={() => setUndoing(grant)}>{say(undo(grant))}</button>}
          </li>
        ))}
      </ul>
      <footer>
        <span className={parts.meta}>{say('staysNote')}</span>
        <button type="button" className={`${parts.btn} ${parts.big}`} disabled={confirm.isPending} onClick={go}><Icon name="check" small />{say('stays')}</button>
        {confirm.error ? <Refused refusal={confirm.error} onAgain={go} /> : null}
      </footer>
      {undoing && undo(undoing) === 'take' ? <TakeOff patientId={patientId} facilityId={undoing.facilityId} facility={undoing.facility} onEnd={end} /> : null}
      {undoing?.role && undo(undoing) === 'change' ? <Change patientId={patientId} team={{ ...undoing, role: undoing.role }} onEnd={end} /> : null}
    </section>
  )
}

/** A role is changed back; whoever was let in is taken off. */
const undo = (grant: LostGrant) => (grant.what === 'role' ? 'change' : 'take')

function Closed({ asked }: { asked: LostGrants }) {
  const say = useWords(membersWords)
  const dates = useDates()
  const now = useNow()
  if (asked.grants.length === 0) return null
  if (asked.reason === 'lost') return <Say>{`${say('lostOf', { name: asked.person.name, at: stamp(here(asked.removedAt), dates, now) })}　${say('confirmed', { name: asked.confirmedBy?.name ?? '' })}`}</Say>
  return (
    <Say>
      <div className={css.void}>
        {say('voidOf', { name: asked.person.name, at: stamp(here(asked.removedAt), dates, now) })}
        <ul>{asked.grants.map((grant) => <li key={`${grant.what}${grant.at}${grant.facilityId}`}>{said(say, 'void', grant)}</li>)}</ul>
      </div>
    </Say>
  )
}

type MembersSay = ReturnType<typeof useWords<keyof typeof membersWords.ja>>

function said(say: MembersSay, how: 'grant' | 'void', grant: LostGrant): string {
  return say(`${how}.${grant.what}`, { facility: grant.facility, role: grant.role ? say(grant.role) : '' })
}
