import type { SyncState } from '../api/generated'

/** States of delivery that go on by themselves: there is nothing for a person to look at or to do. */
export const CALM: readonly SyncState[] = ['up-to-date', 'sending', 'offline', 'waiting', 'history-being-checked', 'rotation-owed', 'relay-reset', 'blob-missing']
