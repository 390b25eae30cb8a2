import type { PhotoBody } from '../bodies'
import type { RecordKind } from '../kind'
import { isEmptyPhoto, NO_PHOTO, parsePhoto } from './body'
import { sayWith } from '../useWords'
import { PhotoForm, siteWord } from './Form'
import { PhotoSummary } from './Summary'
import { photoWords } from './words'

export const photo: RecordKind<PhotoBody> = {
  parse: parsePhoto,
  empty: () => NO_PHOTO,
  isEmpty: isEmptyPhoto,
  tidy: (body) => ({ ...body, caption: body.caption.trim() }),
  line: (body, words) => [siteWord(body.bodySite, sayWith(words, photoWords)), body.caption].filter(Boolean).join('　'),
  Form: PhotoForm,
  Summary: PhotoSummary,
}
