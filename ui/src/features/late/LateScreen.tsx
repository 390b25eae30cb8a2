/** Late work of removed devices: whose, when, what it would bring. A manager admits a beginning of it, or leaves it. */
import { useCall, useRpc } from '../../api/rpc'
import type { LateChain, LateItem } from '../../api/generated'
import { Refused } from '../../frame/Refused'
import { Empty, Say } from '../../frame/Say'
import { Screen } from '../../frame/Screen'
import { useNow } from '../../frame/useClock'
import { Whose } from '../../frame/Whose'
import { wireWord, wireWords } from '../../frame/wireWords'
import { Seal } from '../../records/Seal'
import parts from '../../records/parts.module.css'
import { useDates } from '../../records/useDates'
import { useWords } from '../../records/useWords'
import { here, stamp } from '../../records/when'
import { kindWord, recordWords } from '../../records/words'
import css from './late.module.css'
import { lateWords } from './words'

export function LateScreen() {
  const say = useWords(lateWords)
  const late = useRpc('late.list', {}, { everyMs: 15_000 })
  return (
    <Screen title={say('title')} back="/sync">
      <div className={css.page}>
        <p className={css.lead}>{say('lead')}</p>
        {late.error ? <Refused refusal={late.error} onAgain={() => void late.refetch()} /> : null}
        {late.data?.chains.length === 0 ? <Empty title={say('none')}>{say('noneBody')}</Empty> : null}
        {(late.data?.chains ?? []).map((chain) => <Chain key={`${chain.patientId}${chain.deviceId}`} chain={chain} onDone={() => void late.refetch()} />)}
      </div>
    </Screen>
  )
}

function Chain({ chain, onDone }: { chain: LateChain; onDone(): void }) {
  const say = useWords(lateWords)
  const wire = useWords(wireWords)
  const admit = useCall('late.admit')
  const good = chain.items.filter((item) => item.problem === null)
  const entries = (items: LateItem[]) => items.reduce((sum, item) => sum + item.brings.filter((each) => !each.draft && !isCard(each.kind)).length, 0)
  const upto = (item: LateItem) => admit.mutate({ patientId: chain.patientId, deviceId: chain.deviceId, upto: item.dseq }, { onSuccess: onDone })
  const last = good.at(-1)
  const kept = admit.data?.done === false && admit.data.refused === null
  return (
    <section className={css.chain}>
      <header>
        {chain.author ? <Seal person={chain.author} /> : null}
        <div className={css.grow}><h2><Whose patientId={chain.patientId} name={chain.patient} /></h2><p className={parts.meta}>{chain.author ? `${chain.author.name}　${chain.author.facility}` : say('unknown')}</p></div>
      </header>
      <ol>{chain.items.map((item) => <Item key={item.dseq} item={item} onUpto={good.length > 1 && item !== last && item.problem === null && !admit.isPending && !kept ? () => upto(item) : null} />)}</ol>
      {admit.error ? <Refused refusal={admit.error} onAgain={() => { if (admit.variables) admit.mutate(admit.variables, { onSuccess: onDone }) }} /> : null}
      {admit.data?.refused ? <Say tone="warn">{say('refused', { code: wireWord(wire, admit.data.refused) })}</Say> : kept ? <Say>{say('kept')}</Say> : null}
      <footer>
        <span className={parts.meta}>{say('leave')}</span>
        {last ? <button type="button" className={`${parts.btn} ${parts.big} ${parts.act}`} disabled={admit.isPending || kept} onClick={() => upto(last)}>{entries(good) > 0 ? say('admitAll', { n: entries(good) }) : say('close')}</button> : null}
      </footer>
    </section>
  )
}

/** A writer's own name goes with what is written first. */
const isCard = (kind: string) => kind.startsWith('name-card/')

function Item({ item, onUpto }: { item: LateItem; onUpto: (() => void) | null }) {
  const say = useWords(lateWords)
  const wire = useWords(wireWords)
  const kinds = useWords(recordWords)
  const dates = useDates()
  const now = useNow()
  const word = (kind: string) => (isCard(kind) ? say('card') : kind.includes('/') ? say('state') : kindWord(kinds, kind))
  return (
    <li className={item.problem ? css.broken : ''}>
      <div className={css.grow}>
        {item.brings.map((each, place) => (
          <p key={each.id ?? `${each.kind}${place}`} className={each.draft ? css.draft : ''}>
            <time>{stamp(here(each.at), dates, now)}</time><b>{word(each.kind)}</b><span>{each.draft ? say('draft') : each.title}</span>
          </p>
        ))}
        <small>{item.problem ? say('problem', { code: wireWord(wire, item.problem) }) : say('received', { at: stamp(here(item.receivedMs), dates, now) })}</small>
      </div>
      {onUpto ? <button type="button" className={`${parts.btn} ${parts.quiet}`} onClick={onUpto}>{say('upto')}</button> : null}
    </li>
  )
}
