import { describe, expect, it } from 'vitest'
import { isEmptyPhoto, knownSite, NO_PHOTO, parsePhoto } from './body'

const blob = { id: 'a'.repeat(64), key: 'b'.repeat(64), sha256: 'c'.repeat(64), size: 3, mediaType: 'image/jpeg' }

describe('photo', () => {
  it('reads what blob.put gives, which has no caption yet', () => {
    const body = parsePhoto({ blob, thumb: blob, width: 4, height: 3 })
    expect(body).toEqual({ blob, thumb: blob, width: 4, height: 3, caption: '', scaleInView: false })
    expect(body && isEmptyPhoto(body)).toBe(false)
  })
  it('is empty without a picture, and knows no place it has no word for', () => {
    expect(isEmptyPhoto(NO_PHOTO)).toBe(true)
    expect(parsePhoto({ items: [] })).toBeNull()
    expect(knownSite('sacrum')).toBe('sacrum')
    expect(knownSite('tail')).toBeNull()
  })
})
