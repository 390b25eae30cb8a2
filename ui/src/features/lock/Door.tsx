/** Nothing of a chart is asked for before the profile is open and belongs to a team. */
import { useState, type ReactNode } from 'react'
import { useRpc } from '../../api/rpc'
import { Refused } from '../../frame/Refused'
import frame from '../../frame/frame.module.css'
import { Create } from './Create'
import { Lock } from './Lock'
import { Removed } from './Removed'

export function Door({ children }: { children: ReactNode }) {
  const { data: profile, error, refetch } = useRpc('profile.status', {}, { everyMs: 15_000 })
  const [joining, setJoining] = useState(false)
  if (error && !profile) return <main className={frame.whole}><Refused refusal={error} onAgain={() => void refetch()} /></main>
  if (!profile) return null
  if (profile.removed && profile.exists) return <Removed removed={profile.removed} />
  const open = profile.unlocked && !profile.screenLocked
  // A profile that is open and is nobody's belongs to no team yet: there is only one thing to do with it.
  if (joining || !profile.exists || (open && profile.me === null)) return <Create profile={profile} onJoining={setJoining} />
  if (!open) return <Lock profile={profile} />
  return children
}
