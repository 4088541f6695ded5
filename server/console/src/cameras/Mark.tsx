import type { Colour } from '@vedette/server/cameras/state'
import './mark.css'

/** Round, three-cornered, square: whoever sees no colours sees these. */
export const SHAPES: Record<Colour, { outline: string; sign: string }> = {
  green: {
    outline: 'M12 2.500a9.500 9.500 0 1 1 0 19 9.500 9.500 0 0 1 0-19Z',
    sign: 'm7.500 12.300 3 3 6-6.500',
  },
  amber: { outline: 'M12 2 23 21.500H1Z', sign: 'M12 9v5.500M12 17.800v.2' },
  red: { outline: 'M3 3h18v18H3Z', sign: 'm8 8 8 8m0-8-8 8' },
}

/** A camera's state as a sign; the word beside it says it, too. */
export function Mark({ state, size = 18 }: { state: Colour; size?: number }) {
  const { outline, sign } = SHAPES[state]
  return (
    <svg
      class="mark"
      data-state={state}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      aria-hidden="true"
    >
      <path class="outline" d={outline} />
      <path class="sign" d={sign} />
    </svg>
  )
}
