/** A camera that gives one picture after another: each is shown when the next has come. */
import { useEffect, useRef } from 'react'

interface FramesProps {
  camera: { frame(): Promise<Blob> }
  label: string
  onFailed(cause: unknown): void
}

export function Frames({ camera, label, onFailed }: FramesProps) {
  const holder = useRef<HTMLImageElement | null>(null)
  useEffect(() => {
    let gone = false
    let shown = ''
    const show = (frame: Blob) => {
      const old = shown
      shown = URL.createObjectURL(frame)
      if (holder.current) holder.current.src = shown
      URL.revokeObjectURL(old)
    }
    const go = async () => {
      while (!gone) {
        const frame = await camera.frame()
        if (!gone) show(frame)
      }
    }
    go().catch((cause: unknown) => { if (!gone) onFailed(cause) })
    return () => { gone = true; URL.revokeObjectURL(shown) }
  }, [camera, onFailed])
  return <img ref={holder} alt={label} draggable={false} />
}
