/** Every refusal and every state of delivery in words, in one language, to be looked at. Development only. */
import '@mantine/core/styles/baseline.css'
import '@mantine/core/styles/default-css-variables.css'
import '@mantine/core/styles/global.css'
import '@fontsource/biz-udpgothic/400.css'
import '@fontsource/biz-udpgothic/700.css'
import '../src/design/tokens.css'
import '../src/design/base.css'
import { MantineProvider } from '@mantine/core'
import { createRoot } from 'react-dom/client'
import { CODES, SYNC_STATES } from '../src/api/codes'
import { Refusal } from '../src/api/transport'
import { cssVariables, theme } from '../src/design/theme'
import { syncStateWords } from '../src/frame/errorWords'
import { Refused } from '../src/frame/Refused'
import { Say } from '../src/frame/Say'
import { startLanguage } from '../src/i18n/i18n'
import { useWords } from '../src/records/useWords'

const params = { field: 'identity', min: '13', left: '3', reason: 'quota', names: '佐藤 花子', unsent: '3', n: '3' }

function Words() {
  const sentence = useWords(syncStateWords)
  return (
    <main style={{ columns: '340px', padding: 16, minHeight: '100vh' }}>
      <h1>Meguri</h1>
      {[...CODES, 'app_silent' as const, 'session_ended' as const].map((code) => <div key={code} style={{ breakInside: 'avoid', marginBottom: 8 }}><small>{code}</small><Refused refusal={new Refusal(code, params)} /></div>)}
      {SYNC_STATES.map((state) => <div key={state} style={{ breakInside: 'avoid', marginBottom: 8 }}><small>{state}</small><Say tone="warn">{sentence(state, params)}</Say></div>)}
    </main>
  )
}

const states = new URLSearchParams(location.search).get('fake') ?? ''
startLanguage(states.includes('en') ? 'en' : 'ja')
if (states.includes('en')) document.documentElement.lang = 'en'
if (states.includes('dark')) document.documentElement.dataset['theme'] = 'dark'
const root = document.getElementById('root')
if (root) createRoot(root).render(<MantineProvider theme={theme} cssVariablesResolver={cssVariables}><Words /></MantineProvider>)
