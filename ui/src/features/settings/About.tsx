import { useRpc } from '../../api/rpc'
import { Refused } from '../../frame/Refused'
import { Screen } from '../../frame/Screen'
import { useWords } from '../../records/useWords'
import css from './settings.module.css'
import { settingsWords } from './words'

export function About() {
  const say = useWords(settingsWords)
  const about = useRpc('about.show', {})
  return (
    <Screen title={say('about')} back="/settings" still>
      <div className={`${css.page} ${css.about}`}>
        {about.error ? <Refused refusal={about.error} onAgain={() => void about.refetch()} /> : null}
        {about.data ? <>
          <dl className={css.card}>
            {([['version', about.data.version], ['commit', about.data.commit], ['protocol', about.data.protocol], ['schema', about.data.schema], ['region', about.data.region ?? '']] as const).map(([key, value]) => <div key={key} className={css.line}><dt>{say(key)}</dt><dd>{value === '' ? '—' : value}</dd></div>)}
          </dl>
          <section className={css.card}><h2>{say('licences', { n: about.data.licences.length })}</h2><ul className={css.parts}>{about.data.licences.map(({ name, version, licence }) => <li key={`${name}${version}`}><b>{name}</b> {version}<span>{licence}</span></li>)}</ul></section>
        </> : null}
      </div>
    </Screen>
  )
}
