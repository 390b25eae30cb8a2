/** SOAP with letters in the gutter; a corrected part stands struck through before the new one. */
import type { NoteBody } from '../bodies'
import type { SummaryProps } from '../kind'
import { useWords } from '../useWords'
import { PARTS } from './body'
import { noteWords } from './words'
import css from './note.module.css'

export function NoteSummary({ body, before }: SummaryProps<NoteBody>) {
  const say = useWords(noteWords)
  const shown = PARTS.filter((part) => body[part] !== '' || (before && before[part] !== ''))
  return (
    <>
      <dl className={css.read}>
        {shown.map((part) => (
          <div key={part}>
            <dt><abbr title={say(`about.${part}`)}>{say(part)}</abbr></dt>
            <dd>{before && before[part] !== body[part] && before[part] !== '' && <><del>{before[part]}</del> </>}{body[part]}{body.copiedParts?.includes(part) && <> <span className={css.copied}>{say('copied')}</span></>}</dd>
          </div>
        ))}
      </dl>
      {body.copiedFrom && !body.copiedParts && <span className={css.copied}>{say('copied')}</span>}
    </>
  )
}
