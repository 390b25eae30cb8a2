/** Commands as queries and mutations. Any successful change makes every shown answer ask again: answers are local and fast. */
import { QueryClient, keepPreviousData, useMutation, useQuery, useQueryClient, type Query, type UseMutationResult, type UseQueryResult } from '@tanstack/react-query'
import { asRefusal } from './refusal'
import { Refusal, type Command, type NativeCamera, type Req, type Res, type Transport } from './transport'

let transport: Transport | null = null

export function setTransport(chosen: Transport): void {
  transport = chosen
}

function here(): Transport {
  if (!transport) throw new Refusal('app_silent')
  return transport
}

export async function rpc<N extends Command>(name: N, req: Req<N>): Promise<Res<N>> {
  try {
    return await here().call(name, req)
  } catch (thrown) {
    throw asRefusal(thrown)
  }
}

export async function putBlob(file: Blob): Promise<{ photo: unknown }> {
  try {
    return await here().putBlob(file)
  } catch (thrown) {
    throw asRefusal(thrown)
  }
}

/** The app's own camera, where it has one. */
export function nativeCamera(): NativeCamera | null {
  return transport?.camera ?? null
}

/** Where the app wrote the text; null where pages can give out a file themselves. */
export async function keepDiagnostics(text: string): Promise<string | null> {
  return await transport?.keepDiagnostics?.(text) ?? null
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { retry: false, networkMode: 'always', staleTime: 2_000, refetchOnWindowFocus: true },
    mutations: { networkMode: 'always' },
  },
})

/** Every answer but the address of a picture that was found: pictures do not change. */
export const mayHaveChanged = ({ queryKey, state }: Query): boolean => queryKey[0] !== 'blob.read' || state.status !== 'success'

interface Asking<T> {
  enabled?: boolean
  everyMs?: number
  /** Show the last answer while the next one is on its way. */
  keep?: boolean
  /** After such an answer nothing more is asked. */
  until?: (answer: T) => boolean
}

export function useRpc<N extends Command>(name: N, req: Req<N>, asking: Asking<Res<N>> = {}): UseQueryResult<Res<N>, Refusal> {
  const { until } = asking
  const over = (data: Res<N> | undefined) => data !== undefined && until !== undefined && until(data)
  return useQuery<Res<N>, Refusal>({
    queryKey: [name, req],
    queryFn: () => rpc(name, req),
    enabled: (query) => (asking.enabled ?? true) && !over(query.state.data),
    refetchInterval: (query) => (over(query.state.data) ? false : (asking.everyMs ?? false)),
    ...(asking.keep ? { placeholderData: keepPreviousData } : {}),
  })
}

/** A change. `quiet` leaves the other answers alone (draft saved while typing). */
export function useCall<N extends Command>(name: N, { quiet = false }: { quiet?: boolean } = {}): UseMutationResult<Res<N>, Refusal, Req<N>> {
  const client = useQueryClient()
  return useMutation<Res<N>, Refusal, Req<N>>({
    mutationFn: (req) => rpc(name, req),
    onSuccess: () => (quiet ? undefined : client.invalidateQueries({ predicate: mayHaveChanged })),
  })
}
