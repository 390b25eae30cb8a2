/** Nothing of a chart is asked for before the profile is open. */
import type { ReactNode } from 'react'
import { useRpc } from '../../api/rpc'
import { Refused } from '../../frame/Refused'
import frame from '../../frame/frame.module.css'
import { Create } from './Create'
import { Lock } from './Lock'

export function Door({ children }: { children: ReactNode }) {
  const { data: profile, error, refetch } = useRpc('profile.status', {}, { everyMs: 15_000 })
  if (error && !profile) return <main className={frame.whole}><Refused refusal={error} onAgain={() => void refetch()} /></main>
  if (!profile) return null
  if (!profile.exists) return <Create keystore={profile.keystore} />
  if (!profile.unlocked || profile.screenLocked) return <Lock profile={profile} />
  return children
}
