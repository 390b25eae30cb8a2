/** One button for each state: what a person can do about it. */
import { Link } from '@tanstack/react-router'
import type { SyncState, SyncStatus } from '../../api/generated'
import { useDiagnostics } from '../../frame/useDiagnostics'
import parts from '../../records/parts.module.css'
import { useWords } from '../../records/useWords'
import { syncWords } from './words'

/** A device that is not known as its person's is enrolled again. `late` opens the late records, `file` writes what a manager or the regional office needs, `about` shows the version; for the others the large button above is the one: connect. */
const REMEDIES: Record<SyncState, 'connect' | 'late' | 'file' | 'about'> = {
  'up-to-date': 'connect',
  sending: 'connect',
  offline: 'connect',
  waiting: 'connect',
  'rotation-owed': 'connect',
  removed: 'connect',
  'late-items': 'late',
  parked: 'file',
  'history-being-checked': 'connect',
  'relay-reset': 'connect',
  rollback: 'file',
  fork: 'file',
  'chain-conflict': 'connect',
  'blob-missing': 'connect',
  quota: 'file',
  'version-too-old': 'about',
  'clock-wrong': 'connect',
}

export function Remedy({ sync: { state, params } }: { sync: SyncStatus }) {
  const say = useWords(syncWords)
  const remedy = params['what'] === 'own-key' ? 'anew' : REMEDIES[state]
  const { write } = useDiagnostics({ name: state, where: 'sync' })
  if (remedy === 'anew') return <Link to="/again" className={parts.btn}>{say('enrolAgain')}</Link>
  if (remedy === 'late') return <Link to="/late" className={parts.btn}>{say('seeLate')}</Link>
  if (remedy === 'about') return <Link to="/about" className={parts.btn}>{say('seeVersion')}</Link>
  if (remedy === 'file') return <button type="button" className={parts.btn} onClick={write}>{say('writeFile')}</button>
  return null
}
