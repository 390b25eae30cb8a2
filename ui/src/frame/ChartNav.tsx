/** Views inside a chart: tabs from 1024 px, a bar with the one main action below that. */
import { Link } from '@tanstack/react-router'
import { Icon, type IconName } from '../records/Icon'
import parts from '../records/parts.module.css'
import { useWords, words } from '../records/useWords'
import css from './ChartNav.module.css'

const navWords = words(
  'chart-nav',
  { nav: 'カルテの中', chart: '経過', summary: '要約', trends: 'グラフ', record: '記録', visit: '訪問を記録する' },
  { nav: 'In this chart', chart: 'Timeline', summary: 'Summary', trends: 'Graphs', record: 'Record', visit: 'Record a visit' },
)

const VIEWS = [
  { key: 'chart', to: '/patients/$patientId', icon: 'table', phone: false },
  { key: 'summary', to: '/patients/$patientId/summary', icon: 'info', phone: true },
  { key: 'trends', to: '/patients/$patientId/trends', icon: 'graph', phone: false },
] as const satisfies readonly { key: string; to: string; icon: IconName; phone: boolean }[]

export function ChartTabs({ patientId }: { patientId: string }) {
  const say = useWords(navWords)
  return (
    <nav className={css.tabs} aria-label={say('nav')}>
      {VIEWS.filter((view) => !view.phone).map((view) => (
        <Link key={view.key} to={view.to} params={{ patientId }} className={css.tab} activeOptions={{ exact: true, includeSearch: false }} activeProps={{ 'aria-current': 'page' }}>{say(view.key)}</Link>
      ))}
      <span className={css.grow} />
      <Link to="/patients/$patientId/visit" params={{ patientId }} className={`${parts.btn} ${parts.act} ${css.visit}`}><Icon name="pen" small />{say('visit')}</Link>
    </nav>
  )
}

export function ChartBar({ patientId }: { patientId: string }) {
  const say = useWords(navWords)
  return (
    <nav className={css.bar} aria-label={say('nav')}>
      {VIEWS.map((view) => (
        <Link key={view.key} to={view.to} params={{ patientId }} className={`${css.view} ${view.phone ? css.onlyPhone : ''}`} activeOptions={{ exact: true, includeSearch: false }} activeProps={{ 'aria-current': 'page' }}>
          <Icon name={view.icon} />{say(view.key)}
        </Link>
      ))}
      <Link to="/patients/$patientId/visit" params={{ patientId }} className={`${parts.btn} ${parts.big} ${parts.act} ${css.record}`}><Icon name="pen" small />{say('record')}</Link>
    </nav>
  )
}
