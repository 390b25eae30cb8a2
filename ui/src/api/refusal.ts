/** Anything thrown becomes a code of the closed list. */
import { CODES } from './codes'
import { Refusal } from './transport'

export function asRefusal(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown
  if (thrown && typeof thrown === 'object' && 'code' in thrown) {
    const code = CODES.find((each) => each === thrown.code)
    const params = 'params' in thrown && thrown.params && typeof thrown.params === 'object' ? Object.fromEntries(Object.entries(thrown.params).map(([key, value]) => [key, String(value)])) : {}
    return new Refusal(code ?? 'bug', params)
  }
  return new Refusal('bug')
}
