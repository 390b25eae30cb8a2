/** A facility's role, or its leaving: what follows, in one sentence, before it is so. */
import { useState } from 'react'
import { useCall } from '../../api/rpc'
import type { Decided, MemberTeam, SpaceRole } from '../../api/generated'
import type { Refusal } from '../../api/transport'
import { Ask } from '../../frame/Ask'
import { Refused } from '../../frame/Refused'
import { Say } from '../../frame/Say'
import { Whose } from '../../frame/Whose'
import { wireWord, wireWords } from '../../frame/wireWords'
import parts from '../../records/parts.module.css'
import { useWords } from '../../records/useWords'
import css from './members.module.css'
import { membersWords } from './words'

const ROLES: readonly SpaceRole[] = ['reader', 'writer', 'manager']

export function Roles({ role, onRole }: { role: SpaceRole; onRole(role: SpaceRole): void }) {
  const say = useWords(membersWords)
  return (
    <div className={`${parts.seg} ${css.seg}`} role="group" aria-label={say('role')}>
      {ROLES.map((each) => <button key={each} type="button" aria-pressed={role === each} onClick={() => onRole(each)}>{say(each)}</button>)}
    </div>
  )
}

/** What became of a decision that was not simply done: refused, or never to be. */
export function Outcome({ error, decided, onAgain }: { error: Refusal | null; decided: Decided | undefined; onAgain(): void }) {
  const say = useWords(membersWords)
  const wire = useWords(wireWords)
  if (error) return <Refused refusal={error} onAgain={onAgain} />
  return decided?.refused ? <Say tone="warn">{say('refused', { code: wireWord(wire, decided.refused) })}</Say> : null
}

/** Done, or kept until there is a network: either way the list says so. */
export const settled = (onEnd: () => void) => ({ onSuccess: (decided: Decided) => { if (decided.refused === null) onEnd() } })

export function Change({ patientId, team, onEnd }: { patientId: string; team: Pick<MemberTeam, 'facilityId' | 'facility' | 'role'>; onEnd(): void }) {
  const say = useWords(membersWords)
  const [role, setRole] = useState<SpaceRole>(team.role)
  const change = useCall('space.role')
  const go = () => change.mutate({ patientId, facilityId: team.facilityId, role }, settled(onEnd))
  return (
    <Ask about={<Whose patientId={patientId} />} title={say('roleTitle', { facility: team.facility })} yes={say('roleDo')} no={say('stop')} disabled={role === team.role || change.isPending} onYes={go} onNo={onEnd}>
      <Roles role={role} onRole={setRole} />
      <p>{role === team.role ? say('roleNow', { role: say(role) }) : say(`then.${role}`)}</p>
      <Outcome error={change.error} decided={change.data} onAgain={go} />
    </Ask>
  )
}

export function TakeOff({ patientId, facilityId, facility, onEnd }: { patientId: string; facilityId: string; facility: string; onEnd(): void }) {
  const say = useWords(membersWords)
  const remove = useCall('space.remove')
  const go = () => remove.mutate({ patientId, facilityId }, settled(onEnd))
  return (
    <Ask about={<Whose patientId={patientId} />} title={say('takeTitle', { facility })} yes={say('takeDo')} no={say('stop')} disabled={remove.isPending} onYes={go} onNo={onEnd}>
      <p>{say('takeThen')}</p>
      <Outcome error={remove.error} decided={remove.data} onAgain={go} />
    </Ask>
  )
}
