/** The team's people and devices: since when, by whom, last heard, what they lack. From an admin's device a lost one is removed here. */
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useCall, useRpc } from '../../api/rpc'
import type { RemoveReason, TeamDevice, TeamPerson } from '../../api/generated'
import { Ask } from '../../frame/Ask'
import { Pending } from '../../frame/Pending'
import { Refused } from '../../frame/Refused'
import { Say } from '../../frame/Say'
import { useNow } from '../../frame/useClock'
import { wireWord, wireWords } from '../../frame/wireWords'
import { Seal } from '../../records/Seal'
import parts from '../../records/parts.module.css'
import { professionWord } from '../../records/professions'
import { useDates } from '../../records/useDates'
import { useLang, useWords } from '../../records/useWords'
import { here, shortDay, stamp } from '../../records/when'
import css from './settings.module.css'
import { teamWords } from './teamWords'

/** What is about to be removed: a device of somebody, or the person. */
interface Asked {
  person: TeamPerson
  device: TeamDevice | null
  /** Which of the person's devices. */
  n: number
}

export function Team() {
  const say = useWords(teamWords)
  const team = useRpc('team.show', {}, { everyMs: 15_000 })
  const [asked, setAsked] = useState<Asked | null>(null)
  const [gone, setGone] = useState<TeamPerson | null>(null)
  const data = team.data
  return (
    <section className={`${css.card} ${css.team}`}>
      <h2>{say('title', { facility: data?.facility ?? '' })}</h2>
      {team.error ? <Refused refusal={team.error} onAgain={() => void team.refetch()} /> : null}
      {data && data.rotations > 0 ? <p className={css.told} role="status">{say('rotating', { n: data.rotations })}</p> : null}
      <Pending />
      {gone ? <Say action={<Link to="/enrol" search={{ staff: gone.person.staffId }} className={`${parts.btn} ${parts.act}`}>{say('replace')}</Link>}>{say('cutOff', { name: gone.person.name })}</Say> : null}
      <ul className={css.staff}>
        {(data?.staff ?? []).map((person) => (
          <li key={person.person.staffId} className={person.removed ? css.former : ''}>
            <Who person={person} onRemove={data?.admin && !person.removed && !person.person.isMe ? () => setAsked({ person, device: null, n: 0 }) : null} />
            <ul>
              {person.devices.map((device, place) => {
                const n = person.devices.length - place
                return <Device key={device.deviceId} device={device} n={n} onRemove={data?.admin && !device.removed ? () => setAsked({ person, device, n }) : null} />
              })}
            </ul>
          </li>
        ))}
      </ul>
      {asked ? <Removal asked={asked} onEnd={(done) => { setAsked(null); if (done && asked.device) setGone(asked.person); void team.refetch() }} /> : null}
    </section>
  )
}

function Who({ person, onRemove }: { person: TeamPerson; onRemove: (() => void) | null }) {
  const say = useWords(teamWords)
  const lang = useLang()
  const { person: who } = person
  return (
    <div className={css.whoLine}>
      <Seal person={who} small />
      <span className={css.grow}><span><b>{who.name || say('nameless')}</b>{who.isMe ? `（${say('me')}）` : ''}</span><small>{professionWord(who.profession, lang)}{person.removed ? `　${say('left')}` : ''}</small></span>
      {onRemove ? <button type="button" className={`${parts.btn} ${parts.quiet}`} onClick={onRemove}>{say('leave')}</button> : null}
    </div>
  )
}

function Device({ device, n, onRemove }: { device: TeamDevice; n: number; onRemove: (() => void) | null }) {
  const say = useWords(teamWords)
  const dates = useDates()
  const now = useNow()
  const at = (ms: number) => stamp(here(ms), dates, now)
  return (
    <li className={device.removed ? css.former : ''}>
      <span className={css.grow}>
        <span className={css.which}>{say('device', { n })}{device.own ? <span className={parts.tag}>{say('this')}</span> : null}{device.admin ? <span className={parts.tag}>{say('admin')}</span> : null}</span>
        <Facts device={device} />
        {device.removed ? <small>{say(`was.${device.removed.reason}`, { at: at(device.removed.at), name: device.removed.by?.name ?? '' })}</small> : null}
      </span>
      {onRemove ? <button type="button" className={parts.btn} onClick={onRemove}>{say(device.own ? 'retire' : 'lost')}</button> : null}
    </li>
  )
}

/** Since when, last heard, what it lacks: what tells a device from another. */
function Facts({ device }: { device: TeamDevice }) {
  const say = useWords(teamWords)
  const dates = useDates()
  const now = useNow()
  const facts = [
    say('since', { at: shortDay(here(device.since), dates, now) }),
    device.addedBy ? say('by', { name: device.addedBy.name }) : say('first'),
    device.removed ? null : device.lastHeardMs === null ? say('neverHeard') : say('heard', { at: stamp(here(device.lastHeardMs), dates, now) }),
    device.removed || device.own ? null : device.lacks === null ? say('lacksUnknown') : device.lacks === 0 ? say('hasAll') : say('lacks', { n: device.lacks }),
  ]
  return <span className={parts.facts}>{facts.map((fact) => (fact ? <span key={fact}>{fact}</span> : null))}</span>
}

const REASONS: readonly RemoveReason[] = ['lost', 'retired', 'compromised']

/** The last tap: why, what follows from it, and what dies with the device. */
function Removal({ asked, onEnd }: { asked: Asked; onEnd(done: boolean): void }) {
  const say = useWords(teamWords)
  const wire = useWords(wireWords)
  const dates = useDates()
  const now = useNow()
  const { person, device, n } = asked
  const [reason, setReason] = useState<RemoveReason>(device?.own || !device ? 'retired' : 'lost')
  const remove = useCall('team.remove')
  const heard = device?.lastHeardMs ?? Math.max(0, ...person.devices.map((each) => each.lastHeardMs ?? 0))
  const target = device ? { deviceId: device.deviceId } : { staffId: person.person.staffId }
  const go = () => remove.mutate({ ...target, reason }, { onSuccess: (answer) => { if (answer.refused === null) onEnd(answer.done) } })
  return (
    <Ask about={device ? <Facts device={device} /> : null} title={say(device ? 'askDevice' : 'askStaff', { name: person.person.name, n })} yes={say(device ? 'removeDevice' : 'removeStaff')} no={say('stop')} disabled={remove.isPending} onYes={go} onNo={() => onEnd(false)}>
      <div className={`${parts.seg} ${css.reasons}`} role="group" aria-label={say('why')}>
        {REASONS.map((each) => <button key={each} type="button" aria-pressed={reason === each} onClick={() => setReason(each)}>{say(`why.${each}`)}</button>)}
      </div>
      <p>{say(device?.own && reason === 'retired' ? 'then.own' : `then.${reason}`)}</p>
      {reason === 'compromised' ? <Say tone="alert">{heard > 0 ? say('dies', { at: stamp(here(heard), dates, now) }) : say('diesAll')}</Say> : null}
      {device?.own ? <p>{say('own')}</p> : null}
      {remove.error ? <Refused refusal={remove.error} onAgain={go} /> : null}
      {remove.data?.refused ? <Say tone="warn">{say('refused', { code: wireWord(wire, remove.data.refused) })}</Say> : null}
    </Ask>
  )
}
