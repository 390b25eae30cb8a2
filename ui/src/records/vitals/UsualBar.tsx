/** Usual range, last and present value on one short line; the figures stand beside it, so it is hidden from readers. */
import { bar } from './bar'
import css from './vitals.module.css'

export function UsualBar({ usual, last, now, flagged }: { usual: { low: number; high: number }; last: number | null; now: number | null; flagged: boolean }) {
  const b = bar(usual, last, now, 150)
  return (
    <svg className={css.bar} viewBox="0 0 150 20" aria-hidden="true">
      <path d="M2 10H148" stroke="var(--line-strong)" strokeWidth="1.5" strokeLinecap="round" />
      <rect x={b.box.x} y="4" width={b.box.width} height="12" rx="3" fill="var(--band)" stroke="var(--line-strong)" />
      {b.tick !== null && <path d={`M${b.tick} 2v16`} stroke="var(--ink-2)" strokeWidth="2" />}
      {b.dot !== null && <circle cx={b.dot} cy="10" r="6.5" fill={flagged ? 'var(--warn-line)' : 'var(--ink)'} stroke="var(--surface)" strokeWidth="2" />}
    </svg>
  )
}
