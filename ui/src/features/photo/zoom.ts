/** Where a picture lies in its frame: a scale and a shift, kept so that the picture never leaves the frame. Pure. */
export interface View {
  scale: number
  x: number
  y: number
}

export const WHOLE: View = { scale: 1, x: 0, y: 0 }
const MOST = 8

/** Zooms about a point given in px from the middle of the frame, so that the point stays under the finger. */
export function zoomed(view: View, factor: number, at: { x: number; y: number }, frame: { width: number; height: number }): View {
  const scale = Math.min(Math.max(view.scale * factor, 1), MOST)
  const grow = scale / view.scale
  return held({ scale, x: at.x - (at.x - view.x) * grow, y: at.y - (at.y - view.y) * grow }, frame)
}

export function moved(view: View, dx: number, dy: number, frame: { width: number; height: number }): View {
  return held({ ...view, x: view.x + dx, y: view.y + dy }, frame)
}

function held(view: View, frame: { width: number; height: number }): View {
  const roomX = ((view.scale - 1) * frame.width) / 2
  const roomY = ((view.scale - 1) * frame.height) / 2
  return { scale: view.scale, x: Math.min(Math.max(view.x, -roomX), roomX), y: Math.min(Math.max(view.y, -roomY), roomY) }
}
