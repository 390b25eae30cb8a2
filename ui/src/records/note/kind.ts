import type { NoteBody } from '../bodies'
import type { RecordKind } from '../kind'
import { EMPTY_NOTE, isEmptyNote, parseNote, tidyNote } from './body'
import { NoteForm } from './Form'
import { NoteSummary } from './Summary'

export const note: RecordKind<NoteBody> = {
  parse: parseNote,
  empty: () => EMPTY_NOTE,
  isEmpty: isEmptyNote,
  tidy: tidyNote,
  Form: NoteForm,
  Summary: NoteSummary,
}
