import { useEffect, useRef } from 'react'
import { mayHaveChanged, queryClient, useRpc } from '../api/rpc'

/** What arrives or leaves shows on every open screen by itself. */
export function useArrivals(): void {
  const { data: sync } = useRpc('sync.status', {}, { everyMs: 2_000 })
  const mark = sync ? `${sync.lastReceivedMs} ${sync.lastHeardFromOthersMs} ${sync.unsent} ${sync.picturesMissing}` : null
  const shown = useRef(mark)
  useEffect(() => {
    if (mark === null || mark === shown.current) return
    if (shown.current !== null) void queryClient.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'sync.status' && mayHaveChanged(query) })
    shown.current = mark
  }, [mark])
}
