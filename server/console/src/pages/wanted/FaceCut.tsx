import type { Shot } from './shots.ts'

/** Of a face's width, what is shown around it. */
const AROUND = 0.6

/** The face of a photograph that it is about, with a little around it. */
export function FaceCut({ shot, alt }: { shot: Shot | undefined; alt: string }) {
  const { faces, face, width, height } = shot?.verdict ?? {}
  const found = faces?.find((one) => one.face === face)
  if (!shot || !found || !width || !height) {
    return <img class="wanted-face" src={shot?.url} alt={alt} />
  }
  const { box } = found
  const side = Math.max(box.width, box.height) * (1 + AROUND)
  const left = box.x + box.width / 2 - side / 2
  const top = box.y + box.height / 2 - side / 2
  return (
    <span class="wanted-face wanted-cut">
      <img
        src={shot.url}
        alt={alt}
        style={{
          width: `${(100 * width) / side}%`,
          left: `${(-100 * left) / side}%`,
          top: `${(-100 * top) / side}%`,
        }}
      />
    </span>
  )
}
