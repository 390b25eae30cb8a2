/** The body of an entry by its kind; a kind from a newer app is shown as such and loses nothing. */
import type { TimelineEntry } from '../../api/generated'
import type { Bodies, KnownKind } from '../../records/bodies'
import { isKnown, registry } from '../../records/registry'
import { useWords } from '../../records/useWords'
import { recordWords } from '../../records/words'
import css from './chart.module.css'

interface Props {
  entry: TimelineEntry
  before?: TimelineEntry | null
  onOpenPhoto?: (entryId: string) => void
}

export function EntryBody({ entry, before, onOpenPhoto }: Props) {
  const say = useWords(recordWords)
  const kind = entry.kind
  if (!entry.unknownKind && isKnown(kind)) return <Known tag={kind} entry={entry} before={before ?? null} {...(onOpenPhoto ? { onOpenPhoto } : {})} />
  return <>{entry.title && <p>{entry.title}</p>}<p className={css.unknown}>{say('unknownBody')}</p></>
}

function Known<K extends KnownKind>({ tag, entry, before, onOpenPhoto }: { tag: K; entry: TimelineEntry; before: TimelineEntry | null; onOpenPhoto?: (entryId: string) => void }) {
  const say = useWords(recordWords)
  const kind: (typeof registry)[K] = registry[tag]
  const body: Bodies[K] | null = kind.parse(entry.body)
  const old: Bodies[K] | null = before ? kind.parse(before.body) : null
  if (!body) return <p className={css.unknown}>{entry.title || say('unknownBody')}</p>
  const { Summary } = kind
  return <Summary body={body} before={old} entryId={entry.id} missing={entry.blobMissing === true} {...(onOpenPhoto ? { onOpen: () => onOpenPhoto(entry.id) } : {})} />
}
