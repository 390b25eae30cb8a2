/** When a screen throws: nothing saved is lost; restart, or write down what helps to find the cause (codes and places, no records). */
import { Component, type ErrorInfo, type ReactNode } from 'react'
import parts from '../records/parts.module.css'
import { useWords } from '../records/useWords'
import type { Trouble } from './diagnostics'
import css from './frame.module.css'
import { useDiagnostics } from './useDiagnostics'
import { frameWords } from './words'

export class Broken extends Component<{ children: ReactNode }, { trouble: Trouble | null }> {
  override state: { trouble: Trouble | null } = { trouble: null }

  static getDerivedStateFromError(thrown: unknown) {
    return { trouble: { name: thrown instanceof Error ? thrown.name : 'unknown', where: '' } }
  }

  override componentDidCatch(thrown: Error, info: ErrorInfo) {
    this.setState({ trouble: { name: thrown.name, where: (info.componentStack ?? '').slice(0, 4_000) } })
  }

  override render() {
    return this.state.trouble ? <BrokenPage trouble={this.state.trouble} /> : this.props.children
  }
}

export function BrokenPage({ trouble }: { trouble: Trouble }) {
  const say = useWords(frameWords)
  const { write, told } = useDiagnostics(trouble)
  return (
    <main className={css.whole}>
      <h1>{say('brokenTitle')}</h1>
      <p>{say('brokenBody')}</p>
      <div className={css.row}>
        <button type="button" className={`${parts.btn} ${parts.act} ${parts.big}`} onClick={() => location.assign('/')}>{say('restart')}</button>
        <button type="button" className={`${parts.btn} ${parts.big}`} onClick={write}>{say('diagnostics')}</button>
      </div>
      <p className={parts.meta} role="status">{told}</p>
    </main>
  )
}
