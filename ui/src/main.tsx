import '@mantine/core/styles/baseline.css'
import '@mantine/core/styles/default-css-variables.css'
import '@mantine/core/styles/global.css'
import '@mantine/core/styles/UnstyledButton.css'
import '@mantine/core/styles/Input.css'
import '@mantine/core/styles/PasswordInput.css'
import '@mantine/core/styles/ActionIcon.css'
import '@fontsource/biz-udpgothic/400.css'
import '@fontsource/biz-udpgothic/700.css'
import '@fontsource/biz-udgothic/400.css'
import '@fontsource/biz-udgothic/700.css'
import './design/tokens.css'
import './design/base.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { browserTransport, enterSession } from './api/browser'
import { setTransport } from './api/rpc'
import { windowTransport } from './api/window'
import { App } from './app/App'
import { startLanguage } from './i18n/i18n'

async function start(root: HTMLElement): Promise<void> {
  startLanguage(navigator.language.startsWith('en') ? 'en' : 'ja')
  const inWindow = '__TAURI_INTERNALS__' in window
  if (import.meta.env.DEV && new URLSearchParams(location.search).has('fake')) {
    const { fakeTransport } = await import('../dev/fake/transport')
    setTransport(fakeTransport(new URLSearchParams(location.search).get('fake') ?? ''))
  } else {
    if (!inWindow) await enterSession()
    setTransport(inWindow ? windowTransport : browserTransport)
  }
  createRoot(root).render(<StrictMode><App nonce={nonceOf(inWindow)} /></StrictMode>)
}

/** Styles made by script carry it. The window's policy has one of its own for styles. */
function nonceOf(inWindow: boolean): string {
  if (inWindow) return document.querySelector<HTMLMetaElement>('meta[name=window-nonce]')?.content ?? ''
  return document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce ?? ''
}

const root = document.getElementById('root')
if (root) void start(root)
