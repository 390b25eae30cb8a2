import { useEffect } from 'react'
import { queryClient, rpc } from '../api/rpc'

const SIGNS = ['pointerdown', 'keydown', 'wheel'] as const

/** Locks the screen after so many minutes without a touch. Null while the settings are not known. */
export function useAutoLock(minutes: number | null): void {
  useEffect(() => {
    if (minutes === null) return undefined
    let last = Date.now()
    const touched = () => { last = Date.now() }
    const timer = setInterval(() => {
      if (Date.now() - last < minutes * 60_000) return
      last = Date.now()
      void rpc('profile.lock', {}).then(() => queryClient.clear()).then(() => queryClient.invalidateQueries())
    }, 5_000)
    for (const sign of SIGNS) addEventListener(sign, touched, { passive: true })
    return () => {
      clearInterval(timer)
      for (const sign of SIGNS) removeEventListener(sign, touched)
    }
  }, [minutes])
}
