/** One row of the graph on the shared time axis. uPlot has scales and cursor; what is drawn is in paint.ts. */
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Ms, Series } from '../../api/generated'
import { axisRange, ticksOf, type Gap } from './geometry'
import { inkOf, paintGround, paintValues } from './paint'
import css from './trends.module.css'

interface Props {
  series: readonly Series[]
  gaps: readonly Gap[]
  from: Ms
  to: Ms
  dayTicks: readonly Ms[]
  limit: number
  zoneMin: number
  alt: string
  places: number
  onCursor(at: Ms | null): void
}

export function Plot({ series, gaps, from, to, dayTicks, limit, zoneMin, alt, places, onCursor }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const tell = useRef(onCursor)
  tell.current = onCursor
  useEffect(() => {
    const element = box.current
    if (!element) return
    const ink = inkOf(element)
    const scene = { series, gaps, limit, zoneMin, ink }
    const range = axisRange(series)
    const size = () => ({ width: element.clientWidth, height: element.clientHeight })
    const plot = new uPlot({
      ...size(),
      padding: [6, 8, 6, 0],
      legend: { show: false },
      cursor: { sync: { key: 'trends', setSeries: false }, points: { show: false }, y: false, drag: { x: false, y: false } },
      scales: { x: { time: true, range: () => [from / 1000, to / 1000] }, y: { range: () => range } },
      series: [{}, { show: true, stroke: 'transparent', points: { show: false }, paths: () => null }],
      axes: [
        { show: true, size: 0, ticks: { show: false }, grid: { stroke: ink.line, width: 1 }, splits: () => dayTicks.map((at) => at / 1000), values: () => dayTicks.map(() => '') },
        { size: 40, gap: 4, stroke: ink.ink3, font: `12px ${ink.font}`, ticks: { show: false }, grid: { show: false }, splits: () => ticksOf(range, 3), values: (_, splits) => splits.map((value) => value.toFixed(places === 0 || Number.isInteger(value) ? 0 : 1)) },
      ],
      hooks: {
        drawAxes: [(u) => paintGround(u, scene)],
        draw: [(u) => paintValues(u, scene)],
        setCursor: [(u) => tell.current(typeof u.cursor.left === 'number' && u.cursor.left >= 0 ? u.posToVal(u.cursor.left, 'x') * 1000 : null)],
      },
    }, [[from / 1000, to / 1000], [null, null]], element)
    const watch = new ResizeObserver(() => plot.setSize(size()))
    watch.observe(element)
    return () => { watch.disconnect(); plot.destroy() }
  }, [series, gaps, from, to, dayTicks, limit, zoneMin, places])
  return <div ref={box} className={css.plot} role="img" aria-label={alt} />
}
