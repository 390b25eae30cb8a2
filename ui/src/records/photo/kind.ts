import type { PhotoBody } from '../bodies'
import type { RecordKind } from '../kind'
import { isEmptyPhoto, NO_PHOTO, parsePhoto } from './body'
import { PhotoForm } from './Form'
import { PhotoSummary } from './Summary'

export const photo: RecordKind<PhotoBody> = {
  parse: parsePhoto,
  empty: () => NO_PHOTO,
  isEmpty: isEmptyPhoto,
  tidy: (body) => ({ ...body, caption: body.caption.trim() }),
  Form: PhotoForm,
  Summary: PhotoSummary,
}
