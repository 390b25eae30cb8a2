/** Draws only the rows of a long list that are near the view. Heights are estimated first and measured when drawn. */
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type ReactNode } from 'react'
import { windowOf } from './window'

interface Props<R extends { key: string }> {
  rows: readonly R[]
  estimate(row: R): number
  draw(row: R): ReactNode
  scroller: React.RefObject<HTMLElement | null>
  onNearEnd(): void
}

const OVER = 700

export function Windowed<R extends { key: string }>({ rows, estimate, draw, scroller, onNearEnd }: Props<R>) {
  const list = useRef<HTMLDivElement>(null)
  const measured = useRef(new Map<string, number>())
  const [tick, setTick] = useState(0)
  const [view, setView] = useState({ top: 0, height: 900 })
  const look = useCallback(() => {
    const outer = scroller.current
    if (!outer || !list.current) return
    const top = outer.scrollTop - (list.current.offsetTop - outer.offsetTop)
    setView((old) => (Math.abs(old.top - top) < 120 && old.height === outer.clientHeight ? old : { top, height: outer.clientHeight || 900 }))
  }, [scroller])
  useEffect(() => {
    const outer = scroller.current
    look()
    outer?.addEventListener('scroll', look, { passive: true })
    window.addEventListener('resize', look)
    return () => { outer?.removeEventListener('scroll', look); window.removeEventListener('resize', look) }
  }, [look, scroller])
  // eslint-disable-next-line react-hooks/exhaustive-deps -- `tick` says that a measured height changed
  const heights = useMemo(() => rows.map((row) => measured.current.get(row.key) ?? estimate(row)), [rows, estimate, tick])
  const shown = windowOf(heights, view.top, view.height, OVER)
  useLayoutEffect(() => {
    let changed = false
    for (const child of list.current?.children ?? []) {
      if (!(child instanceof HTMLElement) || !child.dataset.key) continue
      const height = child.offsetHeight
      if (height > 0 && measured.current.get(child.dataset.key) !== height) {
        measured.current.set(child.dataset.key, height)
        changed = true
      }
    }
    if (changed) setTick((now) => now + 1)
  }, [shown.from, shown.to, rows])
  const nearEnd = shown.to >= rows.length
  useEffect(() => { if (nearEnd) onNearEnd() }, [nearEnd, onNearEnd, rows.length])
  return (
    <div ref={list}>
      <div style={{ height: shown.padTop }} />
      {rows.slice(shown.from, shown.to).map((row) => <div key={row.key} data-key={row.key} style={{ display: 'flow-root' }}>{draw(row)}</div>)}
      <div style={{ height: shown.padBottom }} />
    </div>
  )
}
