/** The stamp of a profession. Circle = a person, square = came in by machine, filled = me, 藤 = family. Never alone: a name stands beside it. */
import type { PersonRef } from '../api/generated'
import { isFamily, isPerson, profession } from './professions'
import { useLang } from './useWords'
import css from './parts.module.css'

export function Seal({ person, small }: { person: Pick<PersonRef, 'profession' | 'isMe'>; small?: boolean }) {
  const lang = useLang()
  const look = isFamily(person.profession) ? css.sealKin : person.isMe ? css.sealMine : isPerson(person.profession) ? '' : css.sealBox
  const known = profession(person.profession)
  return (
    <span className={`${css.seal} ${look} ${small ? css.sealSmall : ''}`} aria-hidden="true">
      {lang === 'ja' ? known.seal : <span className={css.letter}>{known.letter}</span>}
    </span>
  )
}
