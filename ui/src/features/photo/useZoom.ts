/** One view for all frames, moved by finger, wheel or, anywhere on the screen, by keys. */
import { useEffect, useRef, useState } from 'react'
import { moved, WHOLE, zoomed, type View } from './zoom'

export interface Zoom {
  view: View
  by(factor: number): void
  whole(): void
  handlers: {
    onWheel(event: React.WheelEvent<HTMLElement>): void
    onPointerDown(event: React.PointerEvent<HTMLElement>): void
    onPointerMove(event: React.PointerEvent<HTMLElement>): void
    onPointerUp(event: React.PointerEvent<HTMLElement>): void
    onPointerCancel(event: React.PointerEvent<HTMLElement>): void
  }
}

const STEP = 40
const STEPS: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] }

export function useZoom(): Zoom {
  const [view, setView] = useState<View>(WHOLE)
  const fingers = useRef(new Map<number, { x: number; y: number }>())
  const frame = useRef({ width: 800, height: 600 })
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLSelectElement || event.ctrlKey || event.metaKey || event.altKey) return
      const step = STEPS[event.key]
      if (step) { event.preventDefault(); setView((old) => moved(old, step[0], step[1], frame.current)) }
      else if (event.key === '+') setView((old) => zoomed(old, 1.5, { x: 0, y: 0 }, frame.current))
      else if (event.key === '-') setView((old) => zoomed(old, 1 / 1.5, { x: 0, y: 0 }, frame.current))
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  const place = (event: { clientX: number; clientY: number; currentTarget: HTMLElement }) => {
    const box = event.currentTarget.getBoundingClientRect()
    frame.current = { width: box.width, height: box.height }
    return { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 }
  }
  const drop = (event: React.PointerEvent) => void fingers.current.delete(event.pointerId)
  return {
    view,
    by: (factor) => setView((old) => zoomed(old, factor, { x: 0, y: 0 }, frame.current)),
    whole: () => setView(WHOLE),
    handlers: {
      onWheel: (event) => { const at = place(event); setView((old) => zoomed(old, Math.exp(-event.deltaY / 400), at, frame.current)) },
      onPointerDown: (event) => { event.currentTarget.setPointerCapture?.(event.pointerId); fingers.current.set(event.pointerId, place(event)) },
      onPointerMove: (event) => {
        const before = fingers.current.get(event.pointerId)
        if (!before) return
        const now = place(event)
        const other = [...fingers.current].find(([id]) => id !== event.pointerId)?.[1]
        fingers.current.set(event.pointerId, now)
        if (other) {
          const factor = Math.hypot(now.x - other.x, now.y - other.y) / Math.max(Math.hypot(before.x - other.x, before.y - other.y), 1)
          setView((old) => zoomed(old, factor, { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 }, frame.current))
        } else setView((old) => moved(old, now.x - before.x, now.y - before.y, frame.current))
      },
      onPointerUp: drop,
      onPointerCancel: drop,
    },
  }
}
