/** What was decided without a network, and what can never be. */
import type { Pending as Row } from '../api/generated'
import { useCall, useRpc } from '../api/rpc'
import { Icon } from '../records/Icon'
import parts from '../records/parts.module.css'
import { useWords } from '../records/useWords'
import css from './Pending.module.css'
import { pendingWords } from './pendingWords'
import { Whose } from './Whose'
import { wireWord, wireWords } from './wireWords'

/** What a device does by itself is nobody's decision. */
const ITSELF = ['fault', 'renew']

/** Of one chart, or of all the team decided. */
export function Pending({ patientId }: { patientId?: string }) {
  const say = useWords(pendingWords)
  const pending = useRpc('intent.list', {}, { everyMs: 15_000 })
  const rows = (pending.data?.intents ?? []).filter((row) => !ITSELF.includes(row.what) && (patientId === undefined || row.patientId === patientId))
  if (rows.length === 0) return null
  return (
    <section className={css.pending}>
      <h3>{say('title')}</h3>
      <ul>{rows.map((row) => <Line key={row.id} row={row} named={patientId === undefined} />)}</ul>
    </section>
  )
}

function Line({ row, named }: { row: Row; named: boolean }) {
  const say = useWords(pendingWords)
  const wire = useWords(wireWords)
  const dismiss = useCall('intent.dismiss')
  return (
    <li className={row.refused ? css.refused : ''}>
      {row.refused ? <Icon name="alert" small /> : null}
      <span className={css.what}>
        {say(`intent.${row.what}` as 'intent.admit', { about: row.about })}
        <small>{named && row.patientId ? <Whose patientId={row.patientId} /> : null}<span>{row.refused ? say('refused', { code: wireWord(wire, row.refused) }) : say('kept')}</span></small>
      </span>
      <button type="button" className={`${parts.btn} ${parts.quiet}`} disabled={dismiss.isPending} onClick={() => dismiss.mutate({ id: row.id })}>{say(row.refused ? 'putAway' : 'takeBack')}</button>
    </li>
  )
}
