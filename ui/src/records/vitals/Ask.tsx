/** A question about a value: one sentence, two equal answers. A refusal gives the reason and a suggestion nobody applies but the person. */
import type { Finding } from '../../api/generated'
import { Icon } from '../Icon'
import { sentence, type VitalsSay } from './findings'
import css from './vitals.module.css'
import parts from '../parts.module.css'

interface Props {
  findings: readonly Finding[]
  name: string
  /** The field is not in sight, so the question names it. */
  named: boolean
  value: string
  say: VitalsSay
  onAgain(): void
  onKeep(): void
  onSuggestion(value: string): void
}

export function Ask({ findings, name, named, value, say, onAgain, onKeep, onSuggestion }: Props) {
  const first = findings[0]
  if (!first) return null
  const refused = first.severity === 'refuse'
  const suggestion = first.params.suggestion
  return (
    <div className={`${css.ask} ${refused ? css.askRefuse : ''}`} role="alert">
      <h3><Icon name={refused ? 'info' : 'alert'} />{named ? `${name}　` : ''}{sentence(first, say)}</h3>
      <p>
        {refused ? (suggestion ? say('didYouMean', { value: suggestion }) : name) : say('askLine')}
        {findings.slice(1).filter((other) => other.severity === 'ask').map((other) => <span key={`${other.code}${other.field}`}>　{sentence(other, say)}</span>)}
      </p>
      <div className={css.two}>
        <button type="button" className={parts.btn} onClick={onAgain}>{say('measureAgain')}</button>
        {!refused && <button type="button" className={parts.btn} onClick={onKeep}>{say('keep', { value })}</button>}
        {refused && suggestion && <button type="button" className={parts.btn} onClick={() => onSuggestion(suggestion)}>{say('useSuggestion', { value: suggestion })}</button>}
      </div>
    </div>
  )
}
