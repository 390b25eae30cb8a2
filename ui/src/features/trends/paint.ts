/** Painting on uPlot's canvas: gaps, band, thresholds with their number, lines that stop at gaps, staff filled and family hollow. */
import type uPlot from 'uplot'
import type { Series } from '../../api/generated'
import { runsOf, type Gap } from './geometry'

export interface Ink {
  band: string
  plot: string
  limit: string
  kin: string
  hatch: string
  surface: string
  line: string
  ink3: string
  font: string
}

export function inkOf(element: Element): Ink {
  const style = getComputedStyle(element)
  const of = (name: string) => style.getPropertyValue(name).trim()
  return { band: of('--band'), plot: of('--plot'), limit: of('--limit'), kin: of('--kin-line'), hatch: of('--hatch'), surface: of('--surface'), line: of('--line'), ink3: of('--ink-3'), font: of('--font') || 'sans-serif' }
}

export interface Scene {
  series: readonly Series[]
  gaps: readonly Gap[]
  /** Days after which a line stops. */
  limit: number
  zoneMin: number
  ink: Ink
}

/** Under the values. */
export function paintGround(u: uPlot, { series, gaps, ink }: Scene): void {
  const { ctx, bbox } = u
  const ratio = devicePixelRatio
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  const usual = series[0]?.usual
  if (usual) {
    const top = u.valToPos(usual.high, 'y', true)
    ctx.fillStyle = ink.band
    ctx.fillRect(bbox.left, top, bbox.width, Math.max(u.valToPos(usual.low, 'y', true) - top, 2 * ratio))
  }
  for (const gap of gaps) {
    const left = u.valToPos(gap.from / 1000, 'x', true)
    hatch(ctx, left, bbox.top, u.valToPos(gap.to / 1000, 'x', true) - left, bbox.height, ink, ratio)
  }
  ctx.restore()
}

/** Values and limits. */
export function paintValues(u: uPlot, { series, limit, zoneMin, ink }: Scene): void {
  const { ctx, bbox } = u
  const ratio = devicePixelRatio
  ctx.save()
  for (const each of series) {
    for (const [text, side] of [[each.high, 'high'], [each.low, 'low']] as const) if (text !== null) limitLine(u, Number(text), text, side, ink, ratio)
  }
  ctx.beginPath()
  ctx.rect(bbox.left - 6 * ratio, bbox.top - 6 * ratio, bbox.width + 12 * ratio, bbox.height + 12 * ratio)
  ctx.clip()
  const [upper, lower] = series
  if (upper && lower) paintPairs(u, upper, lower, ink, ratio)
  else if (upper) {
    ctx.strokeStyle = ink.ink3
    ctx.lineWidth = 1.5 * ratio
    for (const run of runsOf(upper.points, limit, zoneMin)) {
      ctx.beginPath()
      run.forEach((point, index) => {
        const x = u.valToPos(point.at / 1000, 'x', true)
        const y = u.valToPos(point.value, 'y', true)
        if (index === 0) ctx.moveTo(x, y)
        else ctx.lineTo(x, y)
      })
      ctx.stroke()
    }
    for (const point of upper.points) dot(ctx, u.valToPos(point.at / 1000, 'x', true), u.valToPos(point.value, 'y', true), point.family, ink, ratio)
  }
  ctx.restore()
}

/** Blood pressure: one bar from the lower to the upper value, never joined over time. */
function paintPairs(u: uPlot, upper: Series, lower: Series, ink: Ink, ratio: number): void {
  const { ctx } = u
  const below = new Map(lower.points.map((point) => [point.entryId, point]))
  for (const point of upper.points) {
    const x = u.valToPos(point.at / 1000, 'x', true)
    const y = u.valToPos(point.value, 'y', true)
    const other = below.get(point.entryId)
    if (other) {
      const y2 = u.valToPos(other.value, 'y', true)
      ctx.strokeStyle = point.family ? ink.kin : ink.plot
      ctx.lineWidth = (point.family ? 1.5 : 2.5) * ratio
      ctx.beginPath()
      ctx.moveTo(x, y)
      ctx.lineTo(x, y2)
      ctx.stroke()
      dot(ctx, x, y2, point.family, ink, ratio)
    }
    dot(ctx, x, y, point.family, ink, ratio)
  }
}

function dot(ctx: CanvasRenderingContext2D, x: number, y: number, family: boolean, ink: Ink, ratio: number): void {
  ctx.beginPath()
  ctx.arc(x, y, 4.2 * ratio, 0, 2 * Math.PI)
  ctx.fillStyle = family ? ink.surface : ink.plot
  ctx.fill()
  ctx.lineWidth = (family ? 2.2 : 1.2) * ratio
  ctx.strokeStyle = family ? ink.kin : ink.surface
  ctx.stroke()
}

function limitLine(u: uPlot, value: number, text: string, side: 'high' | 'low', ink: Ink, ratio: number): void {
  const { ctx, bbox } = u
  const y = Math.round(u.valToPos(value, 'y', true))
  ctx.strokeStyle = ink.limit
  ctx.lineWidth = 1.5 * ratio
  ctx.setLineDash([6 * ratio, 4 * ratio])
  ctx.beginPath()
  ctx.moveTo(bbox.left, y)
  ctx.lineTo(bbox.left + bbox.width, y)
  ctx.stroke()
  ctx.setLineDash([])
  ctx.fillStyle = ink.limit
  ctx.font = `700 ${12 * ratio}px ${ink.font}`
  ctx.textAlign = 'left'
  ctx.textBaseline = side === 'high' ? 'bottom' : 'top'
  ctx.fillText(text, bbox.left + 6 * ratio, y + (side === 'high' ? -2 : 3) * ratio)
}

function hatch(ctx: CanvasRenderingContext2D, left: number, top: number, width: number, height: number, ink: Ink, ratio: number): void {
  ctx.save()
  ctx.beginPath()
  ctx.rect(left, top, width, height)
  ctx.clip()
  ctx.fillStyle = ink.surface
  ctx.fillRect(left, top, width, height)
  ctx.strokeStyle = ink.hatch
  ctx.lineWidth = 2 * ratio
  ctx.beginPath()
  for (let x = left - height; x < left + width; x += 9 * ratio) {
    ctx.moveTo(x, top + height)
    ctx.lineTo(x + height, top)
  }
  ctx.stroke()
  ctx.restore()
}
