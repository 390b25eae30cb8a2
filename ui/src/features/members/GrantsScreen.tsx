/** Everything that lost devices had decided and nobody has confirmed yet, over all charts this facility manages. */
import { useRpc } from '../../api/rpc'
import { Refused } from '../../frame/Refused'
import { Empty } from '../../frame/Say'
import { Screen } from '../../frame/Screen'
import { useWords } from '../../records/useWords'
import { isOpen, Open } from './Grants'
import css from './members.module.css'
import { membersWords } from './words'

export function GrantsScreen() {
  const say = useWords(membersWords)
  const grants = useRpc('grant.list', {})
  const open = (grants.data?.asked ?? []).filter(isOpen)
  return (
    <Screen title={say('grantsTitle')} back="/sync">
      <div className={css.page}>
        <p className={css.lead}>{say('grantsLead')}</p>
        {grants.error ? <Refused refusal={grants.error} onAgain={() => void grants.refetch()} /> : null}
        {grants.data && open.length === 0 ? <Empty title={say('grantsNone')}>{say('grantsNoneBody')}</Empty> : null}
        {open.map((asked) => <Open key={`${asked.patientId}${asked.deviceId}`} asked={asked} named />)}
      </div>
    </Screen>
  )
}
