/** Which rows to draw of a long list with rows of different height. Pure. */

export interface Window {
  from: number
  to: number
  padTop: number
  padBottom: number
}

/** `heights` are measured or estimated, in px; rows within `over` px of the view are drawn too. */
export function windowOf(heights: readonly number[], scrollTop: number, view: number, over: number): Window {
  const top = scrollTop - over
  const bottom = scrollTop + view + over
  let y = 0
  let from = heights.length
  let to = heights.length
  let padTop = 0
  for (const [index, height] of heights.entries()) {
    if (from === heights.length && y + height > top) {
      from = index
      padTop = y
    }
    if (to === heights.length && y >= bottom) to = index
    y += height
  }
  if (from === heights.length) padTop = y
  const drawn = heights.slice(from, to).reduce((sum, height) => sum + height, 0)
  return { from, to, padTop, padBottom: y - padTop - drawn }
}
