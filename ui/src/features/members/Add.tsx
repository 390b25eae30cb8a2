/** A facility of the region comes into the chart: picked from the directory, with what it will be able to do. */
import { useState } from 'react'
import { useCall, useRpc } from '../../api/rpc'
import type { SpaceRole } from '../../api/generated'
import { Ask } from '../../frame/Ask'
import { facilityType, facilityWords } from '../../frame/facilityTypes'
import { Refused } from '../../frame/Refused'
import { Whose } from '../../frame/Whose'
import parts from '../../records/parts.module.css'
import { useWords } from '../../records/useWords'
import { Outcome, Roles, settled } from './Decide'
import css from './members.module.css'
import { membersWords } from './words'

/** So many are listed; more are found by name. */
const SHOWN_MAX = 40

export function Add({ patientId, onEnd }: { patientId: string; onEnd(): void }) {
  const say = useWords(membersWords)
  const types = useWords(facilityWords)
  const free = useRpc('space.candidates', { patientId })
  const add = useCall('space.add')
  const [query, setQuery] = useState('')
  const [chosen, setChosen] = useState<string | null>(null)
  const [role, setRole] = useState<SpaceRole>('writer')
  const all = free.data?.facilities ?? []
  const wanted = query.trim().toLowerCase()
  const found = all.filter((each) => `${each.facility} ${facilityType(types, each.facilityType)} ${each.code}`.toLowerCase().includes(wanted))
  const facility = all.find((each) => each.facilityId === chosen)
  const go = () => { if (facility) add.mutate({ patientId, facilityId: facility.facilityId, role }, settled(onEnd)) }
  return (
    <Ask about={<Whose patientId={patientId} />} title={say('addTitle')} yes={say('addDo')} no={say('stop')} disabled={!facility || add.isPending} onYes={go} onNo={onEnd}>
      {free.error ? <Refused refusal={free.error} onAgain={() => void free.refetch()} /> : null}
      {free.data && all.length === 0 ? <p>{say('addNone')}</p> : (
        <>
          <input className={parts.field} type="search" autoComplete="off" aria-label={say('addFind')} placeholder={say('addFind')} value={query} onChange={(event) => setQuery(event.target.value)} />
          <ul className={css.found} aria-label={say('addWhich')}>
            {found.slice(0, SHOWN_MAX).map((each) => (
              <li key={each.facilityId}><label><input type="radio" name="facility" checked={chosen === each.facilityId} onChange={() => setChosen(each.facilityId)} /><span>{each.facility}<small>{facilityType(types, each.facilityType)}</small></span></label></li>
            ))}
            {free.data && found.length === 0 ? <li><p>{say('addNoMatch')}</p></li> : null}
            {found.length > SHOWN_MAX ? <li><p>{say('addMore', { n: found.length - SHOWN_MAX })}</p></li> : null}
          </ul>
          <Roles role={role} onRole={setRole} />
          <p>{say(`then.${role}`)}</p>
          <p>{facility ? say('addThen', { facility: facility.facility }) : say('addPick')}</p>
        </>
      )}
      <Outcome error={add.error} decided={add.data} onAgain={go} />
    </Ask>
  )
}
