/** Outlines on a grid of 24, drawn for this console; they say nothing that no word says too. */
const PATHS = {
  alerts: 'M12 3a6 6 0 0 0-6 6v4l-2 4h16l-2-4V9a6 6 0 0 0-6-6ZM10 20a2 2 0 0 0 4 0',
  map: 'M9 4 3 6v14l6-2 6 2 6-2V4l-6 2-6-2ZM9 4v14M15 6v14',
  live: 'M3 7h11v10H3zM14 11l7-4v10l-7-4',
  wanted: 'M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8ZM4 20c0-4 4-6 8-6s8 2 8 6',
  history: 'M12 7v5l4 2M4 12a8 8 0 1 0 2.5-5.8M4 4v4h4',
  fleet: 'M4 5h16v5H4zM4 14h16v5H4zM8 7.5h.01M8 16.5h.01',
  figures: 'M4 20V4M4 20h16M8 16v-5M12 16V8M16 16v-3',
  record: 'M6 3h9l4 4v14H6zM14 3v5h5M9 12h7M9 16h7',
  channels: 'M5 12a7 7 0 0 1 14 0M8 12a4 4 0 0 1 8 0M12 12v9',
  people:
    'M9 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6ZM3 19c0-3 3-5 6-5s6 2 6 5M16 6a2.5 2.5 0 0 1 0 5M17 14c2.500 0 4 2 4 4',
  start: 'M5 4v17M5 4h13l-3 4 3 4H5',
  profile:
    'M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18ZM12 7a3 3 0 1 1 0 6 3 3 0 0 1 0-6ZM6.500 18c1-2.500 3-3.500 5.500-3.500s4.500 1 5.500 3.500',
  docs: 'M5 4h6a2 2 0 0 1 2 2v14a2 2 0 0 0-2-1H5zM19 4h-4a2 2 0 0 0-2 2v14a2 2 0 0 1 2-1h4z',
  menu: 'M4 7h16M4 12h16M4 17h16',
  save: 'M12 4v11M7 10l5 5 5-5M4 20h16',
  full: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5',
  leave: 'M10 4H5v16h5M14 8l5 4-5 4M19 12H9',
} as const

export type IconName = keyof typeof PATHS

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.9"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  )
}
