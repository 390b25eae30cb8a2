/** Which characters of a name differ from a similar one. */
export interface Piece {
  text: string
  differs: boolean
}

const letters = (text: string): string[] => [...text]

/** Longest common subsequence marks what is the same; the rest differs. Names are short, so n·m is nothing. */
export function differing(name: string, other: string): Piece[] {
  const a = letters(name)
  const b = letters(other)
  const lengths = Array.from({ length: a.length + 1 }, () => Array.from({ length: b.length + 1 }, () => 0))
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const row = lengths[i]
      if (row) row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const pieces: Piece[] = []
  let j = 0
  for (let i = 0; i < a.length; i += 1) {
    while (j < b.length && a[i] !== b[j] && at(i, j + 1) >= at(i + 1, j) && at(i, j + 1) === at(i, j)) j += 1
    const same = j < b.length && a[i] === b[j]
    if (same) j += 1
    const last = pieces.at(-1)
    const text = a[i] ?? ''
    if (last && last.differs === !same) last.text += text
    else pieces.push({ text, differs: !same })
  }
  return pieces
}
