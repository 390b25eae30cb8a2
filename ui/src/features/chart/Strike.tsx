/** A manager strikes through what should never have been written: why, and how much of what its device wrote. */
import { useState } from 'react'
import type { StrikeReach, StrikeReason, TimelineEntry } from '../../api/generated'
import { useCall, useRpc } from '../../api/rpc'
import { Refused } from '../../frame/Refused'
import { Say } from '../../frame/Say'
import { wireWord, wireWords } from '../../frame/wireWords'
import parts from '../../records/parts.module.css'
import { useWords } from '../../records/useWords'
import { chartWords } from './words'
import css from './chart.module.css'

const REASONS: readonly StrikeReason[] = ['other-hand', 'other-patient', 'untrue', 'other']
const REACHES: readonly StrikeReach[] = ['entry', 'since', 'all']

export function Strike({ entry, onCancel, onDone }: { entry: TimelineEntry; onCancel(): void; onDone(): void }) {
  const say = useWords(chartWords)
  const wire = useWords(wireWords)
  const [reason, setReason] = useState<StrikeReason | null>(null)
  const [reach, setReach] = useState<StrikeReach>('entry')
  const { patientId, id: entryId } = entry
  const counts = useRpc('entry.reach', { patientId, entryId })
  const strike = useCall('entry.strike')
  const go = () => { if (reason) strike.mutate({ patientId, entryId, reason, reach }, { onSuccess: ({ refused }) => { if (refused === null) onDone() } }) }
  const n = counts.data?.[reach] ?? 1
  const offered = REACHES.filter((each) => each === 'entry' || (counts.data && counts.data[each] > counts.data.entry))
  return (
    <form className={css.reason} onSubmit={(event) => { event.preventDefault(); go() }}>
      <div className={css.choices}>
        <fieldset className={css.choice}>
          <legend>{say('strikeWhy')}</legend>
          {REASONS.map((each) => <label key={each}><input type="radio" name="reason" checked={reason === each} onChange={() => setReason(each)} /><span>{say(`strike.${each}`)}</span></label>)}
        </fieldset>
        {offered.length > 1 || n > 1 ? (
          <fieldset className={css.choice}>
            <legend>{say('strikeReach')}</legend>
            {offered.map((each) => <label key={each}><input type="radio" name="reach" checked={reach === each} onChange={() => setReach(each)} /><span>{say(`reach.${each}`, { count: counts.data?.[each] ?? 1 })}</span></label>)}
          </fieldset>
        ) : null}
      </div>
      <p className={parts.label}>{say('strikeNote')}</p>
      {counts.error && <Refused refusal={counts.error} onAgain={() => void counts.refetch()} />}
      {strike.error && <Refused refusal={strike.error} onAgain={go} />}
      {strike.data?.refused ? <Say tone="warn">{say('strikeRefused', { code: wireWord(wire, strike.data.refused) })}</Say> : null}
      <div className={css.detailFoot}>
        <button type="button" className={`${parts.btn} ${parts.big}`} onClick={onCancel}>{say('cancel')}</button>
        <button type="submit" className={`${parts.btn} ${parts.big} ${parts.act}`} disabled={reason === null || !counts.data || strike.isPending}>{say('strikeDo', { count: n })}</button>
      </div>
    </form>
  )
}
