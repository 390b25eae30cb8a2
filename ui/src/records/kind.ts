/** What every kind of record offers: how to read, write and draw it. Knows no screen. */
import type { i18n } from 'i18next'
import type { ComponentType } from 'react'
import type { Decimal, Finding, Ms, TimelineEntry } from '../api/generated'

/** What is known about a measure before a value is typed. */
export interface MeasureContext {
  last: { text: Decimal; value: number; at: Ms; family: boolean } | null
  usual: { low: number; high: number; median: number } | null
  low: Decimal | null
  high: Decimal | null
}

export interface FormContext {
  measures: Partial<Record<string, MeasureContext>>
  /** The newest entry of this kind that stands. */
  last: TimelineEntry | null
  /** Words of the other records of this visit that this one may quote. */
  quote: string
}

export interface Answers {
  has(finding: Finding): boolean
  give(findings: readonly Finding[]): void
}

export interface FormProps<B> {
  patientId: string
  body: B
  onChange(body: B): void
  /** What the checks said about the body saved last. */
  findings: readonly Finding[]
  answers: Answers
  context: FormContext
  /** Leads on from the last field; its words name where to. */
  onward: { words: string; go(): void } | null
  back: { words: string; go(): void } | null
  keypadSide: 'left' | 'right'
  /** The entry or draft that holds the body already; empty or missing while none does. */
  entryId?: string
}

export interface SummaryProps<B> {
  body: B
  /** The version before a correction; what differs is struck through. */
  before?: B | null
  /** The entry, or the draft, that holds the body; empty while none does. */
  entryId: string
  /** A picture of the entry has not arrived yet. */
  missing?: boolean
  onOpen?: () => void
}

export interface RecordKind<B> {
  parse(body: unknown): B | null
  empty(): B
  isEmpty(body: B): boolean
  /** What is sent: white space and half-typed numbers gone, meaning unchanged. */
  tidy(body: B): B
  /** One line for lists; without it the author's own first words stand there. */
  line?(body: B, words: i18n): string
  Form: ComponentType<FormProps<B>>
  Summary: ComponentType<SummaryProps<B>>
}
