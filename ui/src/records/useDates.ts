/** How this person wants days written. The app's frame provides it from the settings; without it years are Western. */
import { createContext, use, useMemo } from 'react'
import { useLang } from './useWords'
import type { Dates } from './when'

export const EraFirst = createContext(false)

export function useDates(): Dates {
  const lang = useLang()
  const era = use(EraFirst)
  return useMemo(() => ({ lang, era }), [lang, era])
}
