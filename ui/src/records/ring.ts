/** Geometry of the delivery ring in a box of 40: a solid arc for those who have it, dots for the rest. */
const R = 15
const GAP_AFTER = 0.345
const GAP_BEFORE = 0.188

function point(angle: number): string {
  return `${(20 + R * Math.sin(angle)).toFixed(1)} ${(20 - R * Math.cos(angle)).toFixed(1)}`
}

function arc(from: number, to: number): string {
  return `M${point(from)}A${R} ${R} 0 ${to - from > Math.PI ? 1 : 0} 1 ${point(to)}`
}

export interface RingPaths {
  has: string
  not: string
}

/** Null when a whole circle is drawn: nobody lacks it, or nobody else has it. */
export function ringPaths(have: number, lack: number): RingPaths | null {
  if (have === 0 || lack === 0) return null
  const turn = (2 * Math.PI * have) / (have + lack)
  return { has: arc(0, turn), not: arc(turn + GAP_AFTER, 2 * Math.PI - GAP_BEFORE) }
}
