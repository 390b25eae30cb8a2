/** Pages of a chart, newest first; the first page small so that it is there at once. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { rpc } from '../../api/rpc'
import type { Before } from '../../api/generated'
import type { Refusal, Res } from '../../api/transport'
import { joinPages } from './timeline'

export interface Filter {
  kind: string | null
  facilityId: string | null
  query: string
}

export const NO_FILTER: Filter = { kind: null, facilityId: null, query: '' }
const FIRST = 50
const MORE = 200

export function useTimeline(patientId: string, filter: Filter) {
  const pages = useInfiniteQuery<Res<'chart.timeline'>, Refusal, { pages: Res<'chart.timeline'>[] }, unknown[], Before | null>({
    queryKey: ['chart.timeline', patientId, filter],
    initialPageParam: null,
    queryFn: ({ pageParam }) => rpc('chart.timeline', {
      patientId,
      limit: pageParam ? MORE : FIRST,
      ...(pageParam ? { before: pageParam } : {}),
      ...(filter.kind ? { kinds: [filter.kind] } : {}),
      ...(filter.facilityId ? { facilityIds: [filter.facilityId] } : {}),
      ...(filter.query ? { query: filter.query } : {}),
    }),
    getNextPageParam: (page) => {
      const last = page.entries.at(-1)
      return page.more && last ? { at: last.at.ms, id: last.id } : undefined
    },
    placeholderData: (last) => last,
  })
  const loaded = pages.data?.pages ?? []
  return {
    entries: joinPages(loaded),
    total: loaded[0]?.total ?? 0,
    facilities: loaded[0]?.facilities ?? [],
    state: pages.isPending ? ('loading' as const) : pages.error ? ('failed' as const) : ('here' as const),
    refusal: pages.error,
    again: () => void pages.refetch(),
    more: pages.hasNextPage,
    fetching: pages.isFetchingNextPage,
    next: () => { if (pages.hasNextPage && !pages.isFetchingNextPage) void pages.fetchNextPage() },
  }
}
