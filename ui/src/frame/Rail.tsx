/** Main screens: a rail at the left from 1024 px, a bar below under that. */
import { Link } from '@tanstack/react-router'
import { useRpc } from '../api/rpc'
import { Seal } from '../records/Seal'
import { useWords } from '../records/useWords'
import css from './frame.module.css'
import { frameWords } from './words'

export const NAV_PATHS = {
  today: 'M4 7.500A2.500 2.500 0 0 1 6.500 5h11A2.500 2.500 0 0 1 20 7.500v10a2.500 2.500 0 0 1-2.500 2.500h-11A2.500 2.500 0 0 1 4 17.500zM4 9.500h16M8.500 3v4M15.500 3v4M8.500 14.500l2.500 2.500 4.500-4.500',
  patients: 'M9 5a3.500 3.500 0 1 0 0 7a3.500 3.500 0 0 0 0-7M2.500 20c.4-4 3-6 6.500-6s6.100 2 6.500 6M15.500 5.300a3.500 3.500 0 0 1 0 6.400M18 14.600c2 .9 3.200 2.700 3.500 5.400',
  reach: 'M12 20V5M5.500 11.500 12 5l6.500 6.500',
  settings: 'M12 8.800a3.200 3.200 0 1 0 0 6.400a3.200 3.200 0 0 0 0-6.400M12 3v2.500M12 18.500V21M3 12h2.500M18.500 12H21M5.600 5.600l1.800 1.800M16.600 16.600l1.800 1.800M18.400 5.600l-1.800 1.800M7.400 16.600l-1.800 1.800',
} as const

const TARGETS = [['today', '/'], ['patients', '/patients'], ['reach', '/sync'], ['settings', '/settings']] as const

export function Mark({ size = 34 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 40 40" aria-hidden="true">
      <path d="M20 5a15 15 0 1 1-13 7.500" fill="none" stroke="currentColor" strokeWidth="4.500" strokeLinecap="round" />
      <circle cx="20" cy="20" r="4.200" fill="currentColor" />
    </svg>
  )
}

export function Rail({ hiddenBelow = false }: { hiddenBelow?: boolean }) {
  const say = useWords(frameWords)
  const { data: profile } = useRpc('profile.status', {}, {})
  return (
    <nav className={`${css.rail} ${hiddenBelow ? css.railGone : ''}`} aria-label={say('nav')}>
      <span className={css.mark}><Mark /></span>
      {TARGETS.map(([key, to]) => (
        <Link key={key} to={to} className={css.railLink} activeOptions={{ exact: to === '/', includeSearch: false }} activeProps={{ 'aria-current': 'page' }}>
          <svg className={css.railIcon} viewBox="0 0 24 24" aria-hidden="true"><path d={NAV_PATHS[key]} /></svg>
          {say(key)}
        </Link>
      ))}
      {profile?.me ? <span className={css.railMe}><Seal person={profile.me} />{profile.me.name.split(/[\s　]/)[0]}</span> : null}
    </nav>
  )
}
