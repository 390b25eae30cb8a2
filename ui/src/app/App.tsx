/** Providers, the door (locked or not), the ribbon of a practice profile, then the screens. */
import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useEffect, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { queryClient, useRpc } from '../api/rpc'
import { cssVariables, theme } from '../design/theme'
import { Door } from '../features/lock/Door'
import { Broken } from '../frame/Broken'
import { Ribbon } from '../frame/Ribbon'
import { EraFirst } from '../records/useDates'
import { router } from './router'
import { useArrivals } from './useArrivals'
import { useAutoLock } from './useAutoLock'

export function App({ nonce }: { nonce: string }) {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <QueryClientProvider client={queryClient}>
        <Broken>
          <Ribbon><Door><Chosen><RouterProvider router={router} /></Chosen></Door></Ribbon>
        </Broken>
      </QueryClientProvider>
    </MantineProvider>
  )
}

/** Language, years, light or dark, and the time until the screen locks, as the person chose them. */
function Chosen({ children }: { children: ReactNode }) {
  const { i18n } = useTranslation()
  const { data: chosen } = useRpc('settings.show', {})
  useAutoLock(chosen?.autoLockMin ?? null)
  useArrivals()
  useEffect(() => {
    if (!chosen) return
    document.documentElement.lang = chosen.language
    if (chosen.theme === 'auto') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = chosen.theme
    if (i18n.language !== chosen.language) void i18n.changeLanguage(chosen.language)
  }, [chosen, i18n])
  return <EraFirst value={chosen?.wareki ?? false}>{children}</EraFirst>
}
