/** JSON bodies of the kinds, as `meguri_clinical` takes and gives them. Ranges and checks live there, not here. */
import type { Decimal, Instant } from '../api/generated'

export type Source = 'manual' | 'device' | 'family' | 'import'
export type NotMeasuredReason = 'refused' | 'unable' | 'no-device' | 'not-needed'
export const NOT_MEASURED_REASONS: readonly NotMeasuredReason[] = ['refused', 'unable', 'no-device', 'not-needed']

export interface VitalValue {
  key: string
  value: Decimal
  attributes: Record<string, string>
  source: Source
}

export interface NotMeasured {
  key: string
  reason: NotMeasuredReason
}

export interface VitalsBody {
  measuredAt?: Instant
  items: VitalValue[]
  notMeasured: NotMeasured[]
  remark: string
}

export interface NoteBody {
  s: string
  o: string
  a: string
  p: string
  copiedFrom?: string
  /** Which parts were taken over from it, in the order of the parts; older notes name none. */
  copiedParts?: string[]
}

export interface BlobRef {
  id: string
  key: string
  sha256: string
  size: number
  mediaType: string
}

export interface PhotoBody {
  blob: BlobRef
  thumb: BlobRef
  width: number
  height: number
  caption: string
  bodySite?: string
  scaleInView: boolean
  takenAt?: Instant
}

/** The kinds this app writes and draws. A tag added here does not compile until the registry has it. */
export interface Bodies {
  vitals: VitalsBody
  note: NoteBody
  photo: PhotoBody
}

export type KnownKind = keyof Bodies

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export function instantOf(value: unknown): Instant | undefined {
  if (!isObject(value) || typeof value.ms !== 'number' || typeof value.zoneMin !== 'number') return undefined
  return { ms: value.ms, zoneMin: value.zoneMin }
}
