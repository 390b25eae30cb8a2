/** The present moment for words on screen, renewed every half minute. */
import { useEffect, useState } from 'react'
import type { Instant } from '../api/generated'
import { here } from '../records/when'

export function useNow(): Instant {
  const [now, setNow] = useState(() => here(Date.now()))
  useEffect(() => {
    const timer = setInterval(() => setNow(here(Date.now())), 30_000)
    return () => clearInterval(timer)
  }, [])
  return now
}
