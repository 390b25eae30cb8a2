/** Which characters of a value differ from the other: place by place when both are as long, as with telephone numbers. */
import { differing, type Piece } from '../../frame/differ'

export function piecesOf(text: string, other: string): Piece[] {
  const a = [...text]
  const b = [...other]
  if (a.length !== b.length) return differing(text, other)
  return a.reduce<Piece[]>((pieces, letter, index) => {
    const differs = letter !== b[index]
    const last = pieces.at(-1)
    if (last?.differs === differs) last.text += letter
    else pieces.push({ text: letter, differs })
    return pieces
  }, [])
}
