/** The body of a photograph. The picture itself never passes through here. */
import { instantOf, isObject, textOf, type BlobRef, type PhotoBody } from '../bodies'

/** Places that are offered, in the order of the stored codes of `meguri_clinical`. */
export const BODY_SITES = [
  'head', 'face', 'eye', 'mouth', 'neck', 'chest', 'abdomen', 'stoma', 'back', 'sacrum', 'coccyx', 'ischium-right', 'ischium-left', 'trochanter-right',
  'trochanter-left', 'shoulder-right', 'shoulder-left', 'elbow-right', 'elbow-left', 'forearm-right', 'forearm-left', 'hand-right', 'hand-left',
  'thigh-right', 'thigh-left', 'knee-right', 'knee-left', 'lower-leg-right', 'lower-leg-left', 'ankle-right', 'ankle-left', 'heel-right', 'heel-left',
  'foot-right', 'foot-left', 'medication', 'environment', 'other',
] as const
export type BodySite = (typeof BODY_SITES)[number]

const NO_BLOB: BlobRef = { id: '', key: '', sha256: '', size: 0, mediaType: '' }
export const NO_PHOTO: PhotoBody = { blob: NO_BLOB, thumb: NO_BLOB, width: 0, height: 0, caption: '', scaleInView: false }

function blobOf(value: unknown): BlobRef {
  if (!isObject(value)) return NO_BLOB
  return { id: textOf(value.id), key: textOf(value.key), sha256: textOf(value.sha256), size: typeof value.size === 'number' ? value.size : 0, mediaType: textOf(value.mediaType) }
}

export function parsePhoto(body: unknown): PhotoBody | null {
  if (!isObject(body) || !isObject(body.blob)) return null
  const takenAt = instantOf(body.takenAt)
  return {
    blob: blobOf(body.blob),
    thumb: blobOf(body.thumb),
    width: typeof body.width === 'number' ? body.width : 0,
    height: typeof body.height === 'number' ? body.height : 0,
    caption: textOf(body.caption),
    scaleInView: body.scaleInView === true,
    ...(typeof body.bodySite === 'string' ? { bodySite: body.bodySite } : {}),
    ...(takenAt ? { takenAt } : {}),
  }
}

export function isEmptyPhoto(body: PhotoBody): boolean {
  return body.blob.id === ''
}

export function knownSite(code: string | undefined): BodySite | null {
  return BODY_SITES.find((site) => site === code) ?? null
}
