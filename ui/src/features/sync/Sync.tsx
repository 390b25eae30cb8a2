/** Where every record is: what is only here, what needs a look, who has which chart. */
import { Link } from '@tanstack/react-router'
import { useRpc, useCall } from '../../api/rpc'
import type { KeyFault, SyncStatus } from '../../api/generated'
import { CALM } from '../../frame/calm'
import { syncSentence, syncStateWords } from '../../frame/errorWords'
import { PatientName, fullName } from '../../frame/Name'
import { Refused } from '../../frame/Refused'
import { Say } from '../../frame/Say'
import { Screen } from '../../frame/Screen'
import { useNow } from '../../frame/useClock'
import { wireWord, wireWords } from '../../frame/wireWords'
import { Icon } from '../../records/Icon'
import parts from '../../records/parts.module.css'
import { useDates } from '../../records/useDates'
import { useLang, useWords, type Lang } from '../../records/useWords'
import { here, stamp } from '../../records/when'
import { kindWord, recordWords } from '../../records/words'
import { Members } from './Members'
import { Remedy } from './Remedy'
import css from './sync.module.css'
import { syncWords } from './words'

/** Waits that may need a person after all. */
const ASKS = ['own-key', 'removal', 'role']
const goesOn = ({ state, params }: SyncStatus): boolean => CALM.includes(state) && !ASKS.includes(params['what'] ?? '')

export function Sync() {
  const say = useWords(syncWords)
  const sync = useRpc('sync.status', {}, { everyMs: 2_000 })
  const home = useRpc('home.show', {})
  return (
    <Screen title={say('title')} back="/">
      <div className={css.cols}>
        <div>
          {sync.error ? <Refused refusal={sync.error} onAgain={() => void sync.refetch()} /> : null}
          {sync.data ? <Hero sync={sync.data} /> : null}
          <Care sync={sync.data ?? null} />
          {sync.data && sync.data.rotations > 0 ? <p className={css.waits} role="status">{say('rotating', { n: sync.data.rotations })}</p> : null}
          {sync.data && sync.data.pending > 0 ? <p className={css.waits}>{say('pending', { n: sync.data.pending })}<Link to="/settings" className={parts.btn}>{say('seePending')}</Link></p> : null}
          {sync.data && sync.data.quarantined > 0 ? <p className={css.waits} role="status">{say('quarantined', { n: sync.data.quarantined })}</p> : null}
          <ul className={css.left}>
            {(home.data?.unsent ?? []).flatMap(({ patient, entries, drafts }) => [
              ...entries.map((entry) => <Line key={entry.id} at={entry.at} title={entry.title} kind={entry.kind} name={<PatientName patient={patient} />} />),
              ...(drafts.length > 0 ? [<li key={`d${patient.patientId}`}><b><PatientName patient={patient} /></b><span>{say('drafts', { n: drafts.length })}</span><span /></li>] : []),
            ])}
          </ul>
          {sync.data ? <Times sync={sync.data} /> : null}
        </div>
        <Members patients={home.data?.patients ?? []} />
      </div>
    </Screen>
  )
}

function Line({ at, title, kind, name }: { at: { ms: number; zoneMin: number }; title: string; kind: string; name: React.ReactNode }) {
  const dates = useDates()
  const kinds = useWords(recordWords)
  return <li><b>{name}</b><span>{kindWord(kinds, kind)}　{title}</span><time className={css.meta}>{stamp(at, dates, useNow())}</time></li>
}

function Hero({ sync }: { sync: SyncStatus }) {
  const say = useWords(syncWords)
  const sentence = useWords(syncStateWords)
  const now = useCall('sync.now')
  const none = sync.unsent === 0
  // What needs a look is said below, with what one can do about it.
  const told = sync.state !== 'up-to-date' && goesOn(sync) ? syncSentence(sentence, sync) : ''
  return (
    <section className={`${css.hero} ${none ? css.solid : ''}`}>
      <span className={css.dial}>
        <svg viewBox="0 0 120 120" aria-hidden="true"><circle cx="60" cy="60" r="52" fill="none" stroke="currentColor" strokeWidth="8" strokeDasharray={none ? undefined : '16.6 10.62'} />{none ? <path d="M38 61l15 16 29-34" fill="none" stroke="currentColor" strokeWidth="8" strokeLinecap="round" strokeLinejoin="round" /> : null}</svg>
        {none ? null : <b>{sync.unsent}</b>}
      </span>
      <div><h2>{none ? say('all') : say('onlyHere', { n: sync.unsent })}</h2>{told ? <p>{told}</p> : null}{none ? null : <p>{say('kept')}</p>}</div>
      <button type="button" className={`${parts.btn} ${none ? '' : parts.act}`} disabled={now.isPending} onClick={() => now.mutate({})}><Icon name="again" small />{now.isPending ? say('connecting') : say('connect')}</button>
      {now.error ? <div className={css.full}><Refused refusal={now.error} onAgain={() => now.mutate({})} /></div> : null}
    </section>
  )
}

function Times({ sync }: { sync: SyncStatus }) {
  const say = useWords(syncWords)
  const dates = useDates()
  const now = useNow()
  const at = (ms: number | null) => (ms === null ? say('never') : stamp(here(ms), dates, now))
  return <dl className={css.times}><div><dt>{say('received')}</dt><dd>{at(sync.lastReceivedMs)}</dd></div><div><dt>{say('contact')}</dt><dd>{at(sync.lastContactMs)}</dd></div><div><dt>{say('heard')}</dt><dd>{at(sync.lastHeardFromOthersMs)}</dd></div></dl>
}

/** Whose device made the key, and who heals it. */
export function faultSentence(say: ReturnType<typeof useWords<keyof typeof syncWords.ja>>, fault: KeyFault, lang: Lang): string {
  const facilities = fault.facilities.join(lang === 'ja' ? '、' : ', ')
  const by = fault.madeBy
  const made = by?.name ? say('fault', { facilities, name: by.name, facility: by.facility }) : say('faultNameless', { facilities })
  return `${made}${lang === 'ja' ? '' : ' '}${say(fault.owed ? 'heals' : 'healsThere')}`
}

function Care({ sync }: { sync: SyncStatus | null }) {
  const say = useWords(syncWords)
  const lang = useLang()
  const sentence = useWords(syncStateWords)
  const parked = useRpc('sync.parked', {}, { everyMs: 10_000 })
  const home = useRpc('home.show', {})
  const dismiss = useCall('sync.dismiss')
  const keys = useRpc('sync.faults', {}, { everyMs: 15_000 })
  const grants = useRpc('grant.list', {}, { everyMs: 60_000 })
  const wire = useWords(wireWords)
  const faults = keys.data?.faults ?? []
  const asked = new Set((grants.data?.asked ?? []).filter((each) => each.reason === 'lost' && each.confirmedBy === null && each.grants.length > 0).map((each) => each.patientId)).size
  const failed = [home, parked, keys, grants].find((each) => each.error)
  const items = parked.data?.items ?? []
  const witness = parked.data?.witness ?? null
  const odd = sync !== null && !goesOn(sync)
  if (!odd && !failed && items.length === 0 && !witness && faults.length === 0 && asked === 0) return null
  const nameOf = (id: string | null) => {
    const known = home.data?.patients.find((each) => each.patientId === id)
    return known ? fullName(known.name) : say('someChart')
  }
  return (
    <section className={css.care}>
      <h2>{say('care')}</h2>
      {odd ? <Say tone="warn" action={<Remedy sync={sync} />}>{syncSentence(sentence, sync)}</Say> : null}
      {failed?.error ? <Refused refusal={failed.error} onAgain={() => void failed.refetch()} /> : null}
      {asked > 0 ? <Say tone="warn" action={<Link to="/grants" className={parts.btn}>{say('seeGrants')}</Link>}>{say('grants', { n: asked })}</Say> : null}
      {witness ? (
        <Say tone="warn" action={<button type="button" className={parts.btn} disabled={dismiss.isPending} onClick={() => dismiss.mutate({})}>{say('witnessSeen')}</button>}>
          <b className={css.small}>{nameOf(witness.patient)}{witness.author ? `　${say('from', { name: witness.author.name, facility: witness.author.facility })}` : ''}</b><p>{say('witness')}</p>
        </Say>
      ) : null}
      {faults.map((fault) => <Say key={fault.patientId} tone="warn"><b className={css.small}>{nameOf(fault.patientId)}</b><p>{faultSentence(say, fault, lang)}</p></Say>)}
      {items.map((item, place) => (
        <Say key={`${item.space}${item.at}${place}`} tone="warn"><b className={css.small}>{nameOf(item.patient)}{item.author ? `　${say('from', { name: item.author.name, facility: item.author.facility })}` : ''}</b><p>{say('parked', { reason: wireWord(wire, item.reason) })}</p></Say>
      ))}
    </section>
  )
}
