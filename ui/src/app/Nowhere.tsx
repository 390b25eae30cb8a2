import { Link } from '@tanstack/react-router'
import { Empty } from '../frame/Say'
import { Screen } from '../frame/Screen'
import frame from '../frame/frame.module.css'
import { frameWords } from '../frame/words'
import parts from '../records/parts.module.css'
import { useWords } from '../records/useWords'

export function Nowhere() {
  const say = useWords(frameWords)
  return (
    <Screen title={say('nowhere')} back="/">
      <div className={frame.pad}><Empty title={say('nowhere')} action={<Link to="/" className={parts.btn}>{say('toToday')}</Link>}>{say('nowhereBody')}</Empty></div>
    </Screen>
  )
}
