/** Language of the screens. Each part brings its own words (`words()` in records/useWords) as a namespace. */
import i18next, { type i18n } from 'i18next'
import { initReactI18next } from 'react-i18next'

export function startLanguage(lng: 'ja' | 'en'): i18n {
  if (!i18next.isInitialized) {
    void i18next.use(initReactI18next).init({
      lng, fallbackLng: 'ja', resources: {}, initAsync: false, interpolation: { escapeValue: false }, react: { useSuspense: false },
    })
  }
  return i18next
}
