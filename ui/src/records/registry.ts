/** The list of kinds this app writes and draws: a kind in `Bodies` that is missing here does not compile. */
import type { Bodies, KnownKind } from './bodies'
import type { RecordKind } from './kind'
import { note } from './note/kind'
import { photo } from './photo/kind'
import { vitals } from './vitals/kind'

export const registry: { readonly [K in KnownKind]: RecordKind<Bodies[K]> } = { vitals, note, photo }

/** In the order of a visit. */
export const VISIT_KINDS: readonly KnownKind[] = ['vitals', 'note', 'photo']

export function isKnown(tag: string): tag is KnownKind {
  return Object.hasOwn(registry, tag)
}
