/** The screens in a browser: same-origin requests, let in by a cookie that the token of the first address buys. */
import { asRefusal } from './refusal'
import { Refusal, type Command, type Req, type Res, type Transport } from './transport'

async function answered(request: Promise<Response>): Promise<unknown> {
  const response = await request.catch(() => {
    throw new Refusal('app_silent')
  })
  if (response.status === 401) throw new Refusal('session_ended')
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok) throw asRefusal(body)
  return body
}

/** Trades the token in the address for a cookie and takes it out of sight. */
export async function enterSession(): Promise<void> {
  const token = location.hash.slice(1)
  if (!/^[0-9A-Za-z_-]{16,}$/.test(token)) return
  history.replaceState(null, '', location.pathname + location.search)
  await fetch('/session', { method: 'POST', body: token }).catch(() => null)
}

export const browserTransport: Transport = {
  call: <N extends Command>(name: N, req: Req<N>) =>
    answered(fetch(`/rpc/${name}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(req) })) as Promise<Res<N>>,
  putBlob: (file) => answered(fetch('/blob', { method: 'PUT', headers: { 'content-type': file.type }, body: file })) as Promise<{ photo: unknown }>,
}
