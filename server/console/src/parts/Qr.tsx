import { encode } from 'uqr'
import './qr.css'

/** Light around it, without which no camera finds it: modules. Source: ISO/IEC 18004, 9.1. */
const QUIET = 4

/** `text` as a camera reads it; dark on light in every theme, as many readers know no other. */
export function Qr({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { ecc: 'M', border: QUIET })
  const dark = data.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x} ${y}h1v1h-1z`] : [])))
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <rect width={size} height={size} />
      <path d={dark.join('')} />
    </svg>
  )
}
