/** The text of a QR code in a picture. The reader is a WebAssembly file of our own origin, loaded when first needed. */
import { prepareZXingModule, readBarcodes, type ReadResult } from 'zxing-wasm/reader'
import wasm from 'zxing-wasm/reader/zxing_reader.wasm?url'

prepareZXingModule({ overrides: { locateFile: () => wasm } })

/** Null when the picture shows no QR code that can be read. */
export async function codeIn(picture: Blob | ImageData): Promise<string | null> {
  const [found] = await readBarcodes(picture, { formats: ['QRCode'], maxNumberOfSymbols: 1, tryHarder: true })
  return found ? textOf(found) : null
}

/** From the bytes as they stand in the code: a guess at their alphabet may go wrong. */
export function textOf(found: Pick<ReadResult, 'isValid' | 'bytes'>): string | null {
  if (!found.isValid) return null
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(found.bytes).trim() || null
  } catch {
    return null
  }
}
