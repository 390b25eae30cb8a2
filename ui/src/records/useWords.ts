/** Words of one part of the app, in both languages, with keys the compiler knows. */
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import type { i18n } from 'i18next'

export interface Words<K extends string> {
  /** i18next namespace. */
  ns: string
  ja: Record<K, string>
  en: Record<K, string>
}

export type Say<K extends string> = (key: K, params?: Record<string, string | number>) => string

/** Both languages must have the same keys, else this call does not compile. */
export function words<K extends string>(ns: string, ja: Record<K, string>, en: Record<NoInfer<K>, string>): Words<K> {
  return { ns, ja, en }
}

/** While screens are edited, words that were written anew take the place of the old ones. */
const taken = new WeakSet<object>()

export function sayWith<K extends string>(i18n: i18n, from: Words<K>): Say<K> {
  if (!i18n.hasResourceBundle('ja', from.ns) || (import.meta.hot && !taken.has(from))) {
    taken.add(from)
    i18n.addResourceBundle('ja', from.ns, from.ja)
    i18n.addResourceBundle('en', from.ns, from.en)
  }
  return (key, params) =>
    i18n.t(key, { ns: from.ns, keySeparator: false, nsSeparator: false, interpolation: { escapeValue: false }, ...params })
}

export function useWords<K extends string>(from: Words<K>): Say<K> {
  const { i18n } = useTranslation()
  const language = i18n.language
  return useCallback<Say<K>>((key, params) => sayWith(i18n, from)(key, { ...params, lng: language }), [i18n, from, language])
}

export type Lang = 'ja' | 'en'

export function useLang(): Lang {
  const { i18n } = useTranslation()
  return i18n.language.startsWith('en') ? 'en' : 'ja'
}
