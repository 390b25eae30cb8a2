/** Line icons of 24 units. Always beside a word or with an aria-label on the thing they stand in. */
import css from './parts.module.css'

const PATHS = {
  back: 'M14.5 5 8 12l6.5 7',
  next: 'm9.5 5 6.5 7-6.5 7',
  down: 'm5 9.5 7 6.5 7-6.5',
  check: 'm4.5 12.5 5 5.5 10-12',
  alert: 'M12 3.5 22 20.5H2zM12 10v5M12 17.800h.01',
  info: 'M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M12 11v6M12 7.5h.01',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  erase: 'M9 6h12v12H9l-6-6zM12 9.500l5 5M17 9.500l-5 5',
  pen: 'M4 20l1-4L16.500 4.500l3 3L8 19zM14.500 6.500l3 3',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  close: 'M6 6l12 12M18 6 6 18',
  clock: 'M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M12 7v5l3.500 2',
  search: 'M10.5 4a6.500 6.500 0 1 0 0 13a6.500 6.500 0 0 0 0-13M15.500 15.500 21 21',
  camera: 'M4 8h3.500l1.500-2.500h6L16.500 8H20v11H4zM12 10a3.500 3.500 0 1 0 0 7a3.500 3.500 0 0 0 0-7',
  graph: 'M4 4v16h16M7.500 15.500l4-5 3 2.500 5-7',
  table: 'M4 5h16v14H4zM4 10h16M10 5v14',
  again: 'M20 12a8 8 0 1 1-2.500-5.800M20 3.500V8h-4.500',
} as const

export type IconName = keyof typeof PATHS

export function Icon({ name, small }: { name: IconName; small?: boolean }) {
  return (
    <svg className={small ? `${css.icon} ${css.iconSmall}` : css.icon} viewBox="0 0 24 24" aria-hidden="true" style={name === 'more' ? { strokeWidth: 3 } : undefined}>
      <path d={PATHS[name]} />
    </svg>
  )
}
