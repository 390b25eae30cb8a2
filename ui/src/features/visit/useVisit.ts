/** One visit in the making: bodies, drafts kept on every change, findings and answers. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { Draft, Finding, Instant, Ms } from '../../api/generated'
import { rpc, useCall, useRpc } from '../../api/rpc'
import { asRefusal } from '../../api/refusal'
import type { Refusal } from '../../api/transport'
import type { Bodies, KnownKind } from '../../records/bodies'
import { isKnown, registry, VISIT_KINDS } from '../../records/registry'
import type { Answers } from '../../records/kind'
import { answerKey, openFindings, stillTrue, type OpenFindings } from './answers'
import { Saver } from './saver'

const WAIT_MS = 250

type Partial_ = { [K in KnownKind]?: Bodies[K] }

export interface Visit {
  state: 'loading' | 'ready' | 'failed'
  refusal: Refusal | null
  /** Asks for the drafts once more. */
  again(): void
  body<K extends KnownKind>(kind: K): Bodies[K]
  put<K extends KnownKind>(kind: K, body: Bodies[K]): void
  isEmpty(kind: KnownKind): boolean
  findings(kind: KnownKind): readonly Finding[]
  answers(kind: KnownKind): Answers
  open(kind: KnownKind): OpenFindings
  /** The draft of this kind, once one holds what was begun with; a later change may still be on its way to it. */
  draftId(kind: KnownKind): string
  saving: 'kept' | 'keeping' | 'failed'
  resumedFrom: Ms | null
  flush(): Promise<void>
  discard(): Promise<void>
  confirm(at: Instant): Promise<string[]>
}

export function useVisit(patientId: string): Visit {
  const list = useRpc('draft.list', { patientId })
  const drafts = list.data?.drafts
  const begun = useRef<Begun | null>(null)
  if (begun.current === null && drafts) begun.current = begin(drafts)
  const start = begun.current
  const [bodies, setBodies] = useState<Partial_>({})
  const [found, setFound] = useState<Partial<Record<KnownKind, Finding[]>>>({})
  const [given, setGiven] = useState<ReadonlySet<string>>(new Set())
  const [saving, setSaving] = useState<Visit['saving']>('kept')
  const [fresh, setFresh] = useState(false)
  const saver = useSaver(patientId, start, setFound, setSaving)
  // The drafts are gone at once: what this screen shows of them is not asked for again.
  const confirming = useCall('entry.confirm', { quiet: true })

  const shown = useMemo<Partial_>(() => ({ ...(fresh ? {} : start?.bodies), ...bodies }), [bodies, start, fresh])
  const body = <K extends KnownKind>(kind: K): Bodies[K] => shown[kind] ?? registry[kind].empty()
  const isEmpty = (kind: KnownKind) => isEmptyOf(kind, shown)
  const held = useRef<Partial<Record<KnownKind, string>>>({})
  for (const kind of VISIT_KINDS) {
    if (isEmpty(kind)) delete held.current[kind]
    else if (saving === 'kept') held.current[kind] = saver.idOf(kind) ?? ''
  }
  const put = <K extends KnownKind>(kind: K, next: Bodies[K]) => {
    const before = body(kind)
    setBodies((old) => ({ ...old, [kind]: next }))
    setFound((old) => ({ ...old, [kind]: stillTrue(old[kind] ?? [], before, next) }))
    setSaving('keeping')
    saver.put(kind, tidyOf(kind, next))
  }
  const findings = (kind: KnownKind) => (isEmpty(kind) ? [] : (found[kind] ?? []))
  const answers = (kind: KnownKind): Answers => ({
    has: (finding) => given.has(answerKey(kind, finding)),
    give: (list_) => setGiven((old) => new Set([...old, ...list_.map((finding) => answerKey(kind, finding))])),
  })
  const discard = async () => {
    await saver.flush()
    const ids = VISIT_KINDS.flatMap((kind) => saver.idOf(kind) ?? [])
    for (const id of ids) await rpc('draft.discard', { id })
    saver.forget()
    setBodies({})
    setFound({})
    setFresh(true)
  }
  const confirm = async (at: Instant) => {
    await saver.flush()
    const filled = VISIT_KINDS.filter((kind) => !isEmpty(kind))
    const draftIds = filled.flatMap((kind) => saver.idOf(kind) ?? [])
    const accepted = filled.flatMap((kind) => (found[kind] ?? []).filter((finding) => given.has(answerKey(kind, finding))).map((finding) => ({ draftId: saver.idOf(kind) ?? '', code: finding.code, field: finding.field })))
    const { entryIds } = await confirming.mutateAsync({ patientId, draftIds, at, accepted })
    for (const kind of VISIT_KINDS.filter((each) => isEmpty(each))) {
      const id = saver.idOf(kind)
      if (id) await rpc('draft.discard', { id })
    }
    return entryIds
  }
  return {
    state: list.error ? 'failed' : start ? 'ready' : 'loading',
    refusal: list.error,
    again: () => void list.refetch(),
    body, put, isEmpty, findings, answers, saving,
    open: (kind) => openFindings(kind, findings(kind), given),
    draftId: (kind) => held.current[kind] ?? '',
    resumedFrom: fresh ? null : (start?.since ?? null),
    flush: useCallback(() => saver.flush(), [saver]),
    discard, confirm,
  }
}

interface Begun {
  visitId: string
  bodies: Partial_
  ids: Partial<Record<KnownKind, string>>
  since: Ms | null
}

/** Goes on with the newest visit that was not confirmed, else begins one. */
export function begin(drafts: readonly Draft[]): Begun {
  const known = drafts.filter((draft) => isKnown(draft.kind))
  const [newest] = [...known].sort((a, b) => b.updatedAt - a.updatedAt)
  if (!newest) return { visitId: crypto.randomUUID(), bodies: {}, ids: {}, since: null }
  const mine = known.filter((draft) => draft.visitId === newest.visitId)
  const bodies = Object.fromEntries(mine.flatMap((draft) => {
    const body = isKnown(draft.kind) ? registry[draft.kind].parse(draft.body) : null
    return body ? [[draft.kind, body]] : []
  })) as Partial_
  return { visitId: newest.visitId, bodies, ids: Object.fromEntries(mine.map((draft) => [draft.kind, draft.id])), since: newest.updatedAt }
}

function useSaver(patientId: string, start: Begun | null, setFound: (change: (old: Partial<Record<KnownKind, Finding[]>>) => Partial<Record<KnownKind, Finding[]>>) => void, setSaving: (state: Visit['saving']) => void): Saver {
  const visitId = useRef('')
  if (start && visitId.current === '') visitId.current = start.visitId
  const [saver] = useState(() => {
    const made: Saver = new Saver({
      save: (kind, id, body) => rpc('draft.save', { patientId, visitId: visitId.current, kind, body, ...(id ? { id } : {}) }),
      onSaved: (kind, saved) => { setFound((old) => ({ ...old, [kind]: saved.findings })); setSaving(made.waiting ? 'keeping' : 'kept') },
      onFailed: (_, thrown) => { asRefusal(thrown); setSaving('failed') },
      waitMs: WAIT_MS,
    })
    return made
  })
  const resumed = useRef(false)
  useEffect(() => {
    if (!start || resumed.current) return
    resumed.current = true
    for (const kind of VISIT_KINDS) {
      const id = start.ids[kind]
      const body = start.bodies[kind]
      if (!id || !body) continue
      saver.adopt(kind, id)
      saver.put(kind, tidyOf(kind, body as Bodies[typeof kind]))
    }
  }, [start, saver])
  useEffect(() => {
    const keep = () => void saver.flush()
    document.addEventListener('visibilitychange', keep)
    window.addEventListener('pagehide', keep)
    return () => {
      document.removeEventListener('visibilitychange', keep)
      window.removeEventListener('pagehide', keep)
      keep()
    }
  }, [saver])
  return saver
}

function tidyOf<K extends KnownKind>(kind: K, body: Bodies[K]): Bodies[K] {
  const known: (typeof registry)[K] = registry[kind]
  return known.tidy(body)
}

function isEmptyOf<K extends KnownKind>(kind: K, bodies: Partial_): boolean {
  const known: (typeof registry)[K] = registry[kind]
  const body: Bodies[K] | undefined = bodies[kind]
  return body === undefined || known.isEmpty(body)
}
