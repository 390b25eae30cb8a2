/** A camera that gives one picture after another: each is shown when the next has come. */
import { useEffect, useRef } from 'react'

interface FramesProps {
  camera: { frame(): Promise<Blob> }
  label: string
  onFailed(cause: unknown): void
}

/** Between two pictures, so that the page draws and answers even when the camera is never slow. */
const PAUSE_MS = 30

export function Frames({ camera, label, onFailed }: FramesProps) {
  const holder = useRef<HTMLImageElement | null>(null)
  useEffect(() => {
    const leaving = new AbortController()
    let shown = ''
    const show = (frame: Blob) => {
      const old = shown
      shown = URL.createObjectURL(frame)
      if (holder.current) holder.current.src = shown
      URL.revokeObjectURL(old)
    }
    const go = async () => {
      while (!leaving.signal.aborted) {
        const frame = await camera.frame()
        if (!leaving.signal.aborted) show(frame)
        await new Promise((later) => setTimeout(later, PAUSE_MS))
      }
    }
    go().catch((cause: unknown) => { if (!leaving.signal.aborted) onFailed(cause) })
    return () => { leaving.abort(); URL.revokeObjectURL(shown) }
  }, [camera, onFailed])
  return <img ref={holder} alt={label} draggable={false} />
}
