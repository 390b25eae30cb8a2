/** One line about an entry, for lists over many charts: its kind's own line of values, else the author's words. */
import type { i18n } from 'i18next'
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import type { TimelineEntry } from '../api/generated'
import type { KnownKind } from './bodies'
import { isKnown, registry } from './registry'

export function lineOf(entry: TimelineEntry, words: i18n): string {
  return (isKnown(entry.kind) ? lineOfKnown(entry.kind, entry.body, words) : '') || entry.title
}

function lineOfKnown<K extends KnownKind>(kind: K, stored: unknown, words: i18n): string {
  const known: (typeof registry)[K] = registry[kind]
  const body = known.parse(stored)
  return body ? (known.line?.(body, words) ?? '') : ''
}

export function useLine(): (entry: TimelineEntry) => string {
  const { i18n: words } = useTranslation()
  const { language } = words
  return useCallback((entry) => (language ? lineOf(entry, words) : ''), [words, language])
}
